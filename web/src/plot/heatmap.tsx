// How often a value fell into which bucket at what time. Rows are equally high, whatever their bounds.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatted } from "../data/units";
import { currentTheme, onThemeChange } from "../page/theme";
import type { Window } from "./model";
import type { Plane } from "./plane";
import { ramp, rampTable } from "./ramp";
import { timeText } from "./time_axis";
import { useSurface } from "./use_surface";

export interface HeatmapProps {
  /** Seconds, ascending, evenly spaced; starts of the columns. */
  times: Float64Array | number[];
  /** Edges of the buckets, one more than rows; or upper edges alone, one per row. May end with Infinity. */
  bounds: readonly number[];
  /** counts[bucket][time] */
  counts: readonly (Float64Array | number[])[];
  window: Window;
  title: string;
  unit?: string;
  decimals?: number;
  /** Unit of the counts. */
  countUnit?: string;
  height?: number;
  tz?: "local" | "utc";
  onZoom?: (start: number, end: number) => void;
  onZoomOut?: () => void;
  isStale?: boolean;
  noData?: string;
}

/** Few against many: small counts stay visible beside large ones. */
const EXPONENT = 0.5;

export function Heatmap(props: HeatmapProps) {
  const { times, counts, window, unit = "", decimals, countUnit = "", tz = "local", title } = props;
  const edges = useMemo(() => (props.bounds.length > counts.length ? [...props.bounds] : [Math.min(0, props.bounds[0] ?? 0), ...props.bounds]), [props.bounds, counts.length]);
  const most = useMemo(() => highest(counts), [counts]);
  const theme = useTheme();
  const step = ((times[1] ?? (times[0] ?? 0) + 60) - (times[0] ?? 0)) * 1000;
  const scene = useMemo(() => {
    const colours = rampTable(theme);
    return {
      window,
      zone: tz,
      hasGrid: false,
      axis: { low: 0, high: counts.length, isLog: false, unit: "", decimals: 0, labels: edgeLabels(edges, unit, decimals, props.height ?? 272) },
      paint: (context: CanvasRenderingContext2D, plane: Plane) => paintCells(context, plane, { times, counts, most, step, colours }),
    };
  }, [times, counts, most, edges, theme, window.start, window.end, unit, decimals, tz]);
  const isEmpty = most <= 0;
  const { host } = useSurface(isEmpty ? null : scene, `${title}: heatmap of ${counts.length} buckets over time, at most ${formatted(most, countUnit)} in one`, ({ tooltip }) => ({
    onMove: (place, plane) => {
      const cell = place ? cellAt(plane, place, { times, counts, step }) : null;
      if (!cell || !place) {
        tooltip.hide();
        return;
      }
      const count = counts[cell.row]?.[cell.column] ?? 0;
      const range = `${formatted(edges[cell.row], unit, decimals)} to ${formatted(edges[cell.row + 1], unit, decimals)}`;
      const [r, g, b] = ramp((count / most) ** EXPONENT, theme);
      tooltip.show({ head: timeText((times[cell.column] ?? 0) * 1000, step, tz), rows: [{ name: range, value: formatted(count, countUnit), color: count > 0 ? `rgb(${r} ${g} ${b})` : "surface", pattern: 0, isNearest: false }] }, place.clientX, place.clientY);
    },
    onClick: () => undefined,
    onZoom: props.onZoom,
    onZoomOut: props.onZoomOut,
  }));
  return (
    <div class="chart" data-stale={props.isStale || undefined}>
      <div class="plot-frame" style={props.height ? { "--plot-height": `${props.height}px` } : {}}>
        <div class="plot plot-surface" ref={host} data-empty={isEmpty || undefined} data-ready="" />
        {isEmpty ? <p class="plot-empty">{props.noData ?? "No data in this window"}</p> : null}
      </div>
      {isEmpty ? null : <RampKey theme={theme} most={formatted(most, countUnit)} />}
      {isEmpty ? null : <BucketTable title={title} edges={edges} counts={counts} unit={unit} countUnit={countUnit} />}
    </div>
  );
}

function useTheme(): "light" | "dark" {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => onThemeChange(() => setTheme(currentTheme())), []);
  return theme;
}

function highest(counts: HeatmapProps["counts"]): number {
  let most = 0;
  for (const row of counts) for (const count of row) if (count > most && Number.isFinite(count)) most = count;
  return most;
}

/** Edges with room between their texts, about 16 pixels. */
function edgeLabels(edges: readonly number[], unit: string, decimals: number | undefined, height: number): { at: number; text: string }[] {
  const every = Math.max(1, Math.ceil(edges.length / Math.max(2, (height - 34) / 18)));
  return edges.map((edge, at) => ({ at, text: formatted(edge, unit, decimals) })).filter((_, i) => i % every === 0);
}

function paintCells(context: CanvasRenderingContext2D, plane: Plane, { times, counts, most, step, colours }: { times: ArrayLike<number>; counts: HeatmapProps["counts"]; most: number; step: number; colours: [number, number, number][] }): void {
  counts.forEach((row, i) => {
    const top = Math.round(plane.y(i + 1));
    const height = Math.max(1, Math.round(plane.y(i)) - top - 1);
    for (let k = 0; k < row.length; k += 1) {
      const count = row[k] ?? 0;
      if (!(count > 0)) continue;
      const at = (times[k] ?? 0) * 1000;
      const left = Math.round(plane.x(at));
      const width = Math.round(plane.x(at + step)) - left;
      const [r, g, b] = colours[Math.round(255 * Math.min(1, count / most) ** EXPONENT)] ?? [0, 0, 0];
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(left, top, Math.max(1, width > 4 ? width - 1 : width), height);
    }
  });
}

function cellAt(plane: Plane, { x, y }: { x: number; y: number }, { times, counts, step }: { times: ArrayLike<number>; counts: HeatmapProps["counts"]; step: number }): { row: number; column: number } | null {
  const row = Math.floor(plane.valueAt(y));
  const column = Math.floor((plane.timeAt(x) - (times[0] ?? 0) * 1000) / step);
  return row >= 0 && row < counts.length && column >= 0 && column < times.length ? { row, column } : null;
}

/** From few to many, as a strip. */
function RampKey({ theme, most }: { theme: "light" | "dark"; most: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    for (let i = 0; i < 128; i += 1) {
      const [r, g, b] = ramp((i / 127) ** EXPONENT, theme);
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(i, 0, 1, 8);
    }
  }, [theme]);
  return (
    <p class="ramp-key">
      <span>0</span>
      <canvas ref={canvas} width={128} height={8} aria-hidden="true" />
      <span>{most}</span>
    </p>
  );
}

function BucketTable({ title, edges, counts, unit, countUnit }: { title: string; edges: readonly number[]; counts: HeatmapProps["counts"]; unit: string; countUnit: string }) {
  return (
    <div class="hidden-text">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Bucket</th>
            <th scope="col">Sum</th>
          </tr>
        </thead>
        <tbody>
          {counts.slice(0, 50).map((row, i) => (
            <tr key={i}>
              <th scope="row">{`${formatted(edges[i], unit)} to ${formatted(edges[i + 1], unit)}`}</th>
              <td>{formatted(sum(row), countUnit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sum(row: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < row.length; i += 1) total += row[i] || 0;
  return total;
}
