// The graph itself: nodes in columns, callers left; drag moves it, the wheel with Ctrl and buttons zoom.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { layersOf } from "../../data/layers";
import { type Edge, percent, type ServiceFigures } from "../../data/services_api";
import { duration, rate } from "../../data/format";
import { shorten } from "../../plot/model";
import { Icon } from "../../parts/icon";
import { link } from "../../state/address";
import { type Box, edgePath, geometry, NODE } from "./geometry";

interface GraphProps {
  names: readonly string[];
  edges: readonly Edge[];
  figures: readonly ServiceFigures[];
}

interface Camera {
  x: number;
  y: number;
  scale: number;
}

const MOST_TEXTS = 24;
/** Smaller shares of errors are told in words, without alarm in colour. */
const ALARMING = 0.05;
const HOME: Camera = { x: 0, y: 0, scale: 1 };

export function Graph({ names, edges, figures }: GraphProps) {
  const boxes = useMemo(() => geometry(layersOf(names, edges.map(({ parent, child }) => ({ from: parent, to: child })))), [names.join("\n"), edges]);
  const known = useMemo(() => new Map(figures.map((one) => [one.service, one] as const)), [figures]);
  const [camera, setCamera] = useState(HOME);
  const [near, setNear] = useState<string | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  usePointer(svg, setCamera);
  useEffect(() => setCamera(HOME), [names.length]);
  // Many texts would cover each other: then those of a node come when it is pointed at.
  const isCrowded = edges.length > MOST_TEXTS;
  const busiest = Math.max(...edges.map(({ rate: one }) => one), 1e-9);
  const zoom = (by: number): void => setCamera((before) => ({ ...before, scale: Math.min(4, Math.max(0.25, before.scale * by)) }));
  return (
    <div class="map-frame">
      <div class="map-scroll" tabindex={0} role="group" aria-label="Map of services">
        <svg ref={svg} class="map" viewBox={`0 0 ${boxes.width} ${boxes.height}`} style={{ maxHeight: `${Math.max(260, boxes.height * 1.15)}px`, minWidth: `${boxes.width * 0.72}px` }} data-crowded={isCrowded || undefined} role="group" aria-label={`Map of ${names.length} services with ${edges.length} connections; the table below has the same`}>
          <defs>
            <marker id="map-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0 0.5 7.5 4 0 7.5z" />
            </marker>
          </defs>
          <g transform={`translate(${camera.x} ${camera.y}) scale(${camera.scale})`}>
            {edges.map((edge) => (
              <Connection key={`${edge.parent}\n${edge.child}`} edge={edge} from={boxes.at.get(edge.parent)} to={boxes.at.get(edge.child)} share={edge.rate / busiest} isDim={near !== null && edge.parent !== near && edge.child !== near} isNear={near !== null && (edge.parent === near || edge.child === near)} />
            ))}
            {names.map((name) => (
              <Node key={name} name={name} box={boxes.at.get(name)} figures={known.get(name)} onNear={setNear} />
            ))}
          </g>
        </svg>
      </div>
      <div class="map-zoom" role="group" aria-label="Zoom">
        <button type="button" class="tool" aria-label="Larger" onClick={() => zoom(1.3)}>
          <Icon name="plus" />
        </button>
        <button type="button" class="tool" aria-label="Smaller" onClick={() => zoom(1 / 1.3)}>
          <Icon name="minus" />
        </button>
        <button type="button" class="tool" onClick={() => setCamera(HOME)}>
          Fit
        </button>
      </div>
    </div>
  );
}

function Node({ name, box, figures, onNear }: { name: string; box: Box | undefined; figures: ServiceFigures | undefined; onNear: (name: string | null) => void }) {
  if (!box) return null;
  const hasErrors = (figures?.errors ?? 0) > 0;
  const words = figures ? `${rate(figures.rate)}/s · ${duration(figures.p95_ns)}` : "no spans of its own";
  return (
    <a href={link(`/services/${encodeURIComponent(name)}`)} class="map-node" data-errors={(figures?.error_ratio ?? 0) >= ALARMING || undefined} onPointerEnter={() => onNear(name)} onPointerLeave={() => onNear(null)} onFocus={() => onNear(name)} onBlur={() => onNear(null)}>
      <rect x={box.x} y={box.y} width={NODE.width} height={NODE.height} rx="8">
        <title>{name || "unknown"}</title>
      </rect>
      <text class="map-name" x={box.x + 12} y={box.y + 22}>
        {shorten(name || "unknown", 21)}
      </text>
      <text class="map-figures" x={box.x + 12} y={box.y + 40}>
        {words}
      </text>
      {hasErrors ? (
        <text class="map-errors" x={box.x + NODE.width - 10} y={box.y + 40}>
          {percent(figures?.error_ratio ?? 0)} err
        </text>
      ) : null}
    </a>
  );
}

function Connection({ edge, from, to, share, isDim, isNear }: { edge: Edge; from: Box | undefined; to: Box | undefined; share: number; isDim: boolean; isNear: boolean }) {
  if (!from || !to) return null;
  const { path, x, y } = edgePath(from, to);
  return (
    <g class="map-edge" data-errors={edge.error_ratio >= ALARMING || undefined} data-dim={isDim || undefined} data-near={isNear || undefined}>
      <path d={path} stroke-width={1.2 + 3 * Math.sqrt(share)} marker-end="url(#map-arrow)" />
      <text x={x} y={y - 7}>
        {rate(edge.rate)}/s · {duration(edge.p95_ns)}
      </text>
      {edge.errors ? (
        <text class="map-errors" x={x} y={y + 15}>
          {percent(edge.error_ratio)} err
        </text>
      ) : null}
    </g>
  );
}

/** Drag to move, wheel with Ctrl (or a pinch) to zoom; a plain wheel scrolls the page. */
function usePointer(svg: { current: SVGSVGElement | null }, set: (change: (before: Camera) => Camera) => void): void {
  useEffect(() => {
    const element = svg.current;
    if (!element) return undefined;
    let last: { x: number; y: number } | null = null;
    let moved = 0;
    const scale = (): number => (element.viewBox.baseVal.width || 1) / (element.clientWidth || 1);
    const down = (event: PointerEvent): void => {
      if (event.button === 0 && event.pointerType !== "touch") last = { x: event.clientX, y: event.clientY };
      moved = 0;
    };
    const move = (event: PointerEvent): void => {
      if (!last) return;
      const [dx, dy] = [(event.clientX - last.x) * scale(), (event.clientY - last.y) * scale()];
      moved += Math.abs(dx) + Math.abs(dy);
      last = { x: event.clientX, y: event.clientY };
      set((before) => ({ ...before, x: before.x + dx, y: before.y + dy }));
    };
    const up = (): void => void (last = null);
    // The end of a drag over a node is no click on it.
    const click = (event: MouseEvent): void => void (moved > 6 && event.preventDefault());
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const by = Math.exp(-event.deltaY / 300);
      set((before) => ({ ...before, scale: Math.min(4, Math.max(0.25, before.scale * by)) }));
    };
    const noDrag = (event: Event): void => event.preventDefault();
    element.addEventListener("pointerdown", down);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    element.addEventListener("click", click, true);
    element.addEventListener("dragstart", noDrag);
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", down);
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      element.removeEventListener("click", click, true);
      element.removeEventListener("dragstart", noDrag);
      element.removeEventListener("wheel", wheel);
    };
  }, []);
}
