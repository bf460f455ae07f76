// How values are spread over buckets, as bars side by side.
import { ticks } from "../data/ticks";
import { formatted, tickTexts } from "../data/units";
import { roundStep } from "../data/ticks";
import { Swatch } from "./legend";
import { COLORS, cssColor } from "./model";

export interface HistogramSeries {
  name: string;
  /** One per bucket. */
  counts: readonly number[];
  color?: string;
}

export interface HistogramProps {
  /** Edges of the buckets, one more than there are counts. */
  bounds: readonly number[];
  series: readonly HistogramSeries[];
  title: string;
  unit?: string;
  decimals?: number;
  countUnit?: string;
  height?: number;
  noData?: string;
}

/** Sorts values into buckets of one round size, about `most` of them. */
export function bucketed(series: readonly { name: string; values: ArrayLike<number | null>; color?: string }[], { most = 30, size, offset = 0, unit = "" }: { most?: number; size?: number; offset?: number; unit?: string } = {}): { bounds: number[]; series: HistogramSeries[] } {
  let [low, high] = [Infinity, -Infinity];
  const each = (values: ArrayLike<number | null>, use: (value: number) => void): void => {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i];
      if (value !== null && value !== undefined && Number.isFinite(value)) use(value);
    }
  };
  for (const { values } of series) each(values, (value) => ([low, high] = [Math.min(low, value), Math.max(high, value)]));
  if (low > high) return { bounds: [], series: [] };
  const step = size && size > 0 ? size : roundStep((high - low || Math.abs(high) || 1) / most, unit);
  const first = Math.floor((low - offset) / step);
  const count = Math.min(1000, Math.floor((high - offset) / step) - first + 1);
  const bounds = Array.from({ length: count + 1 }, (_, i) => Number((offset + (first + i) * step).toPrecision(12)));
  return {
    bounds,
    series: series.map(({ name, values, color }) => {
      const counts = new Array<number>(count).fill(0);
      each(values, (value) => {
        const bucket = Math.min(count - 1, Math.floor((value - offset) / step + 1e-9) - first);
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      });
      return { name, counts, ...(color ? { color } : {}) };
    }),
  };
}

export function Histogram({ bounds, series, title, unit, decimals, countUnit = "", height = 200, noData }: HistogramProps) {
  const most = Math.max(0, ...series.flatMap(({ counts }) => counts));
  const buckets = bounds.length - 1;
  if (!(most > 0) || buckets < 1) return <p class="empty">{noData ?? "No data"}</p>;
  const lines = ticks(0, most, 4);
  const every = Math.max(1, Math.ceil(bounds.length / 8));
  const edges = tickTexts(bounds, unit, decimals);
  const width = 1 / buckets / series.length;
  const color = (one: HistogramSeries, i: number): string => one.color ?? `series-${i % COLORS}`;
  return (
    <figure class="histogram" aria-label={title} style={{ "--plot-height": `${height}px` }}>
      <div class="histogram-plot">
        {lines.map((line) => (
          <span key={line} class="histogram-line" style={{ bottom: `${(line / most) * 100}%` }} aria-hidden="true">
            <span>{formatted(line, countUnit)}</span>
          </span>
        ))}
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label={`${title}: ${buckets} buckets from ${edges[0]} to ${edges.at(-1)}, at most ${formatted(most, countUnit)} in one`}>
          {series.map((one, k) =>
            one.counts.map((count, i) => (
              <rect key={`${k} ${i}`} x={i / buckets + k * width + width * 0.04} y={1 - count / most} width={width * 0.92} height={count / most} style={{ fill: cssColor(color(one, k)) }}>
                <title>{`${one.name}: ${formatted(count, countUnit)} from ${edges[i]} to ${edges[i + 1]}`}</title>
              </rect>
            )),
          )}
        </svg>
      </div>
      <div class="histogram-edges" aria-hidden="true">
        {edges.map((text, i) => (i % every === 0 ? <span key={i} style={{ left: `${(i / buckets) * 100}%` }}>{text}</span> : null))}
      </div>
      {series.length > 1 ? (
        <ul class="legend-plain">
          {series.map((one, i) => (
            <li key={one.name}>
              <Swatch color={color(one, i)} isBlock />
              {one.name}
            </li>
          ))}
        </ul>
      ) : null}
    </figure>
  );
}
