// States over time, a row per thing: coloured spans with the state written in them.
import { useEffect, useRef, useState } from "preact/hooks";
import { cssColor, shorten, type Window } from "./model";
import { timeLabels, timeText, timeTicks } from "./time_axis";
import { Tooltip } from "./tooltip";

export interface StateSpan {
  /** Milliseconds. */
  from: number;
  until: number;
  text: string;
  color: string;
}

export interface StateRow {
  name: string;
  spans: readonly StateSpan[];
  href?: string;
}

export interface StateTimelineProps {
  rows: readonly StateRow[];
  window: Window;
  title: string;
  tz?: "local" | "utc";
  /** Pixels of a row. */
  rowHeight?: number;
  showText?: "auto" | "always" | "never";
  onZoom?: (start: number, end: number) => void;
  onZoomOut?: () => void;
  noData?: string;
}

/** Spans of a row that are drawn; beyond these each would be under a pixel. */
const MOST_SPANS = 500;
const MOST_ROWS = 100;
const LEAST_DRAG = 6;

export function StateTimeline(props: StateTimelineProps) {
  const { window, tz = "local", rowHeight = 26, title } = props;
  const rows = props.rows.slice(0, MOST_ROWS);
  const { track, width, drag } = useTrack(props);
  if (!rows.some((row) => row.spans.length)) return <p class="empty">{props.noData ?? "No data in this window"}</p>;
  const length = Math.max(1, window.end - window.start);
  const place = (at: number): number => ((Math.min(window.end, Math.max(window.start, at)) - window.start) / length) * 100;
  const times = timeTicks(window.start, window.end, Math.max(2, Math.floor(width / 90)), tz);
  const texts = timeLabels(times, tz);
  return (
    <div class="chart">
      <div class="states" style={{ "--row-height": `${rowHeight}px` }} role="img" aria-label={`${title}: ${rows.map((row) => `${row.name} ${row.spans.at(-1)?.text ?? "unknown"}`).slice(0, 10).join(", ")}`}>
        <div class="states-names">
          {rows.map((row) => (
            <div key={row.name} title={row.name}>
              {shorten(row.name, 48)}
            </div>
          ))}
        </div>
        <div class="states-track" ref={track}>
          {rows.map((row, r) => (
            <div key={row.name} class="states-row">
              {row.spans.slice(-MOST_SPANS).map((span, s) => {
                if (span.until < window.start || span.from > window.end) return null;
                const [left, right] = [place(span.from), place(span.until)];
                const isNamed = props.showText !== "never" && (props.showText === "always" || ((right - left) / 100) * width > span.text.length * 7 + 8);
                return (
                  <div key={s} class="states-span" data-row={r} data-span={Math.max(0, row.spans.length - MOST_SPANS) + s} style={{ left: `${left}%`, width: `${Math.max(0.1, right - left)}%`, "--state": cssColor(span.color) }}>
                    {isNamed ? <span>{span.text}</span> : null}
                  </div>
                );
              })}
            </div>
          ))}
          <div class="plot-drag" ref={drag} hidden />
          <div class="states-times">
            {times.map((at, i) => (
              <span key={at} style={{ left: `${place(at)}%` }}>
                {texts[i]}
              </span>
            ))}
          </div>
        </div>
      </div>
      {props.rows.length > rows.length ? <p class="legend-note">{`The first ${rows.length} of ${props.rows.length}`}</p> : null}
    </div>
  );
}

/** The pointer over the rows: tooltip, drag. One listener for all spans. */
function useTrack(props: StateTimelineProps) {
  const track = useRef<HTMLDivElement>(null);
  const drag = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const latest = useRef(props);
  latest.current = props;
  const isEmpty = !props.rows.some((row) => row.spans.length);
  useEffect(() => {
    const host = track.current;
    if (!host) return undefined;
    const tooltip = new Tooltip(host);
    const stop = new AbortController();
    const sizes = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    sizes.observe(host);
    let from: number | null = null;
    const timeAt = (x: number): number => {
      const { left, width: whole } = host.getBoundingClientRect();
      const { start, end } = latest.current.window;
      return start + Math.min(1, Math.max(0, (x - left) / whole)) * (end - start);
    };
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void => host.addEventListener(type, listener, { signal: stop.signal });
    on("pointermove", (event) => {
      if (from !== null) stretch(drag.current, host, from, event.clientX);
      else hover(tooltip, event, latest.current);
    });
    on("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch" || !latest.current.onZoom) return;
      from = event.clientX;
      host.setPointerCapture(event.pointerId);
    });
    on("pointerup", (event) => {
      const [a, b] = [from ?? 0, event.clientX].sort((x, y) => x - y) as [number, number];
      if (from !== null && b - a >= LEAST_DRAG) latest.current.onZoom?.(Math.round(timeAt(a)), Math.round(timeAt(b)));
      from = null;
      if (drag.current) drag.current.hidden = true;
    });
    on("pointerleave", () => tooltip.hide());
    on("dblclick", () => latest.current.onZoomOut?.());
    return () => {
      stop.abort();
      sizes.disconnect();
      tooltip.destroy();
    };
  }, [isEmpty]);
  return { track, drag, width };
}

function hover(tooltip: Tooltip, event: PointerEvent, { rows, tz = "local" }: StateTimelineProps): void {
  const target = (event.target as HTMLElement).closest<HTMLElement>(".states-span");
  const row = target && rows[Number(target.dataset.row)];
  const span = row && row.spans[Number(target.dataset.span)];
  if (!span) {
    tooltip.hide();
    return;
  }
  tooltip.show({ head: row.name, rows: [{ name: span.text, value: "", color: span.color, pattern: 0, isNearest: false }], foot: `${timeText(span.from, 1000, tz)} to ${timeText(span.until, 1000, tz)}` }, event.clientX, event.clientY);
}

function stretch(box: HTMLElement | null, host: HTMLElement, from: number, to: number): void {
  if (!box) return;
  const { left } = host.getBoundingClientRect();
  const [a, b] = [from, to].sort((x, y) => x - y) as [number, number];
  box.hidden = b - a < LEAST_DRAG;
  Object.assign(box.style, { left: `${a - left}px`, width: `${b - a}px`, top: "0", bottom: "1.25rem" });
}
