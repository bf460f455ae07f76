// The whole trace in a few lines: drag over it to choose the time that the waterfall shows.
import { useEffect, useRef, useState } from "preact/hooks";
import { duration } from "../../data/format";
import { durationOf, serviceOf, startOf } from "../../data/trace_model";
import { rowsOf } from "../../data/trace_tree";
import { ticksOf, type Zoom } from "../../data/trace_zoom";
import { onThemeChange } from "../../page/theme";
import type { View } from "./state";

const HEIGHT = 56;
/** A press that moves less than this is a click. */
const CLICK_PX = 4;

export function Minimap({ view, zoom, onZoom }: { view: View; zoom: Zoom; onZoom: (zoom: Zoom | null) => void }) {
  const { trace } = view;
  const whole = Math.max(1, trace.duration_ns);
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  useCanvas(canvas, view);
  const ratio = (event: PointerEvent): number => {
    const box = root.current?.getBoundingClientRect();
    return box?.width ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : 0;
  };
  const start = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    root.current?.setPointerCapture(event.pointerId);
    setDrag([ratio(event), ratio(event)]);
  };
  const move = (event: PointerEvent): void => {
    if (drag) setDrag([drag[0], ratio(event)]);
  };
  const end = (): void => {
    if (!drag) return;
    const [from, to] = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
    setDrag(null);
    if ((to - from) * (root.current?.clientWidth ?? 0) >= CLICK_PX) onZoom({ from: from * whole, to: to * whole });
  };
  const shown = drag ? { from: Math.min(...drag) * whole, to: Math.max(...drag) * whole } : zoom;
  const isZoomed = shown.from > 0 || shown.to < whole;
  return (
    <div class="minimap">
      <div class="minimap-map" ref={root} onPointerDown={start} onPointerMove={move} onPointerUp={end} onPointerCancel={() => setDrag(null)} onDblClick={() => onZoom(null)} title="Drag: show this time. Double-click: show all.">
        <canvas ref={canvas} aria-hidden="true" />
        {isZoomed ? (
          <>
            <div class="minimap-shade" style={{ left: "0", width: `${(shown.from / whole) * 100}%` }} />
            <div class="minimap-shade" style={{ right: "0", width: `${(1 - shown.to / whole) * 100}%` }} />
          </>
        ) : null}
      </div>
      <div class="minimap-axis" aria-hidden="true">
        {ticksOf({ from: 0, to: whole }, 6).map(({ at, text }) => (
          <span key={at} style={{ left: `${(at / whole) * 100}%` }} data-end={at / whole > 0.93 || undefined}>
            {text}
          </span>
        ))}
      </div>
      {isZoomed && !drag ? (
        <p class="minimap-note">
          {duration(shown.from)} to {duration(shown.to)} ({duration(shown.to - shown.from)})
          <button type="button" class="link-button" onClick={() => onZoom(null)}>
            Show all
          </button>
        </p>
      ) : null}
    </div>
  );
}

function useCanvas(canvas: { current: HTMLCanvasElement | null }, view: View): void {
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const draw = (): void => paint(element, view);
    draw();
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    const unsubscribe = onThemeChange(draw);
    return () => {
      watch.disconnect();
      unsubscribe();
    };
  }, [view]);
}

/** One line per row of the tree, thinner than a pixel when there are many. */
function paint(canvas: HTMLCanvasElement, { trace, tree, colors }: View): void {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  if (!width) return;
  canvas.width = width * scale;
  canvas.height = HEIGHT * scale;
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  const palette = Array.from({ length: 8 }, (_, i) => style.getPropertyValue(`--series-${i}`).trim());
  const probe = (value: string): string => {
    canvas.style.color = value;
    return getComputedStyle(canvas).color;
  };
  const inks = palette.map((_, i) => probe(`var(--series-${i})`));
  const bad = probe("var(--bad)");
  canvas.style.color = "";
  context.scale(scale, scale);
  const rows = rowsOf(tree, new Set());
  const step = Math.min(5, (HEIGHT - 8) / rows.length);
  const thick = Math.max(0.75, Math.min(3, step * 0.75));
  const whole = Math.max(1, trace.duration_ns);
  context.globalAlpha = step < 0.5 ? 0.6 : 1;
  rows.forEach((place, i) => {
    context.fillStyle = tree.isError[place] ? bad : (inks[colors.get(serviceOf(trace, place)) ?? 0] ?? "");
    const x = (startOf(trace, place) / whole) * width;
    context.fillRect(x, 4 + i * step, Math.max(1, (durationOf(trace, place) / whole) * width), thick);
  });
}
