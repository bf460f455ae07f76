// Single things over time and value, such as traces by their duration. Errors have a shape of their own.
import { useMemo, useRef } from "preact/hooks";
import { formatted } from "../data/units";
import { bounds } from "./bounds";
import { Swatch } from "./legend";
import { COLORS, shorten, type Window } from "./model";
import { rgb } from "./palette";
import type { Plane } from "./plane";
import { timeText } from "./time_axis";
import { useSurface } from "./use_surface";

export interface ScatterPoint {
  /** Milliseconds. */
  at: number;
  value: number;
  /** CSS pixels. */
  radius?: number;
  group: string;
  title: string;
  href?: string;
  isError?: boolean;
}

export interface ScatterProps {
  points: readonly ScatterPoint[];
  window: Window;
  title: string;
  unit?: string;
  decimals?: number;
  log?: boolean;
  height?: number;
  tz?: "local" | "utc";
  onZoom?: (start: number, end: number) => void;
  onZoomOut?: () => void;
  /** A drag that is tall too: a window and a range of values. */
  onBox?: (start: number, end: number, low: number, high: number) => void;
  onPoint?: (point: ScatterPoint) => void;
  isStale?: boolean;
  noData?: string;
}

/** More are not drawn; the latest ones are kept. */
const MOST = 2000;
const MOST_GROUPS = 12;
const RADIUS = 4;
const REACH = 10;

export function Scatter(props: ScatterProps) {
  const { window, unit = "", decimals, log = false, tz = "local" } = props;
  const points = useMemo(() => (props.points.length > MOST ? [...props.points].sort((a, b) => b.at - a.at).slice(0, MOST) : props.points), [props.points]);
  const groups = useMemo(() => [...new Set(points.map((point) => point.group))].sort(), [points]);
  const chosen = useRef<ScatterPoint | null>(null);
  const color = (group: string): string => `series-${groups.indexOf(group) % COLORS}`;
  const scene = useMemo(() => {
    const values = points.map((point) => point.value).filter((value) => Number.isFinite(value) && (!log || value > 0));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const [low, high] = log ? [least * 0.8, most * 1.25] : bounds(values.length ? least : null, values.length ? most : null);
    return {
      window,
      zone: tz,
      hasGrid: true,
      axis: { low, high, isLog: log, unit, decimals },
      paint: (context: CanvasRenderingContext2D, plane: Plane) => {
        for (const point of points) if (point !== chosen.current) paintPoint(context, plane, point, color(point.group), false);
        if (chosen.current) paintPoint(context, plane, chosen.current, color(chosen.current.group), true);
      },
    };
  }, [points, groups, window.start, window.end, log, unit, decimals, tz]);
  const errors = points.filter((point) => point.isError).length;
  const label = `${props.title}: ${points.length} points, ${errors} of them errors`;
  const { host } = useSurface(points.length ? scene : null, label, ({ surface, tooltip }) => ({
    onMove: (place, plane) => {
      const found = place ? nearest(points, plane, place) : null;
      if (found !== chosen.current) {
        chosen.current = found;
        surface.setCursor(found ? "pointer" : "");
        surface.redraw();
      }
      if (!found || !place) tooltip.hide();
      else tooltip.show({ head: timeText(found.at, 1, tz), rows: [{ name: shorten(found.title, 60), value: formatted(found.value, unit, decimals), color: color(found.group), pattern: 0, isNearest: false }], foot: [found.group, found.isError ? "error" : ""].filter(Boolean).join(" · ") }, place.clientX, place.clientY);
    },
    onClick: () => {
      const point = chosen.current;
      if (point && props.onPoint) props.onPoint(point);
      else if (point?.href) location.assign(point.href);
    },
    onZoom: props.onZoom,
    onZoomOut: props.onZoomOut,
    onBox: props.onBox,
  }));
  return (
    <div class="chart" data-stale={props.isStale || undefined}>
      <div class="plot-frame" style={props.height ? { "--plot-height": `${props.height}px` } : {}}>
        <div class="plot plot-surface" ref={host} data-empty={!points.length || undefined} data-ready="" />
        {points.length ? null : <p class="plot-empty">{props.noData ?? "Nothing in this window"}</p>}
      </div>
      {groups.length > 1 || errors ? (
        <ul class="legend-plain" aria-hidden="true">
          {groups.slice(0, MOST_GROUPS).map((group) => (
            <li key={group}>
              <Swatch color={color(group)} isBlock />
              {shorten(group, 40)}
            </li>
          ))}
          {groups.length > MOST_GROUPS ? <li>{`and ${groups.length - MOST_GROUPS} more`}</li> : null}
          {errors ? <li>✕ error</li> : null}
        </ul>
      ) : null}
      <ul class="hidden-text">
        {points.slice(0, 20).map((point, i) => (
          <li key={i}>
            {point.href ? <a href={point.href}>{point.title}</a> : point.title}: {formatted(point.value, unit, decimals)}
            {point.isError ? ", error" : ""}
          </li>
        ))}
      </ul>
    </div>
  );
}

function paintPoint(context: CanvasRenderingContext2D, plane: Plane, { at, value, radius = RADIUS, isError }: ScatterPoint, color: string, isChosen: boolean): void {
  const [x, y] = [plane.x(at), plane.y(value)];
  const size = radius + (isChosen ? 2 : 0);
  if (isError) {
    const arm = size * 0.9;
    context.lineWidth = isChosen ? 3.5 : 2.5;
    context.lineCap = "round";
    context.strokeStyle = rgb("bad");
    context.beginPath();
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
    return;
  }
  context.fillStyle = rgb(color, isChosen ? 1 : 0.65);
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  context.fill();
  if (!isChosen) return;
  context.lineWidth = 1.5;
  context.strokeStyle = rgb("text");
  context.stroke();
}

function nearest(points: readonly ScatterPoint[], plane: Plane, { x, y }: { x: number; y: number }): ScatterPoint | null {
  let found: ScatterPoint | null = null;
  let least = REACH * REACH;
  for (const point of points) {
    const dx = plane.x(point.at) - x;
    if (dx > REACH || dx < -REACH) continue;
    const far = dx * dx + (plane.y(point.value) - y) ** 2;
    if (far <= least) [found, least] = [point, far];
  }
  return found;
}
