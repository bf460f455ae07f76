// A canvas that follows size, theme and pointer; draws the axes of a plane and leaves the rest to its owner.
import { onColours, rgb } from "./palette";
import { type Plane, planeOf, type ValueAxis } from "./plane";
import type { Window } from "./model";

export interface Scene {
  window: Window;
  axis: ValueAxis;
  zone: "local" | "utc";
  paint: (context: CanvasRenderingContext2D, plane: Plane, ratio: number) => void;
  /** Lines across at the ticks of the value axis. */
  hasGrid: boolean;
}

export interface SurfaceEvents {
  /** The pointer over the plane, in CSS pixels of the canvas and of the viewport; null when it left. */
  onMove: (place: { x: number; y: number; clientX: number; clientY: number } | null, plane: Plane) => void;
  onClick: (plane: Plane) => void;
  onZoom: ((start: number, end: number) => void) | undefined;
  onZoomOut: (() => void) | undefined;
  /** A drag that is tall too chooses values as well as time; without it only time counts. */
  onBox?: ((start: number, end: number, low: number, high: number) => void) | undefined;
}

/** Shorter drags are clicks. */
const LEAST_DRAG = 6;
/** Lower drags choose only time. */
const LEAST_BOX = 24;

export class Surface {
  private readonly canvas = document.createElement("canvas");
  private readonly drag = document.createElement("div");
  private readonly sizes: ResizeObserver;
  private readonly stop: (() => void)[] = [];
  private scene: Scene | undefined;
  private plane: Plane | undefined;
  private frame = 0;
  private from: { x: number; y: number } | null = null;
  private wasDragged = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly events: () => SurfaceEvents,
  ) {
    this.drag.className = "plot-drag";
    this.drag.hidden = true;
    this.canvas.setAttribute("role", "img");
    host.append(this.canvas, this.drag);
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(host);
    this.stop.push(onColours(() => this.redraw()));
    this.listen("pointermove", (event) => this.move(event));
    this.listen("pointerdown", (event) => this.press(event));
    this.listen("pointerup", (event) => this.release(event));
    this.listen("pointerleave", (event) => event.pointerType === "touch" || this.leave());
    this.listen("click", () => this.wasDragged || !this.plane || this.events().onClick(this.plane));
    this.listen("dblclick", () => this.events().onZoomOut?.());
  }

  show(scene: Scene, label: string): void {
    this.scene = scene;
    this.canvas.setAttribute("aria-label", label);
    this.redraw();
  }

  /** Draws at the next frame, once. */
  redraw(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  setCursor(name: "" | "pointer"): void {
    this.host.toggleAttribute("data-on-dot", name === "pointer");
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    for (const stop of this.stop) stop();
    this.canvas.remove();
    this.drag.remove();
  }

  private listen<K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void {
    this.host.addEventListener(type, listener);
    this.stop.push(() => this.host.removeEventListener(type, listener));
  }

  private draw(): void {
    this.frame = 0;
    const { scene, canvas, host } = this;
    const context = canvas.getContext("2d");
    if (!scene || !context) return;
    const ratio = devicePixelRatio || 1;
    const size = { width: host.clientWidth, height: host.clientHeight };
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    context.scale(ratio, ratio);
    const plane = planeOf(size, scene.window, scene.axis, scene.zone);
    this.plane = plane;
    this.axes(context, plane, scene.hasGrid);
    context.save();
    context.beginPath();
    context.rect(plane.left, plane.top - 6, plane.width, plane.height + 12);
    context.clip();
    scene.paint(context, plane, ratio);
    context.restore();
  }

  private axes(context: CanvasRenderingContext2D, plane: Plane, hasGrid: boolean): void {
    const { left, top, width, height } = plane;
    context.font = `11px ${getComputedStyle(this.host).fontFamily}`;
    context.fillStyle = rgb("muted");
    context.strokeStyle = rgb("line");
    context.lineWidth = 1;
    context.beginPath();
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { at, text } of plane.valueTicks) {
      const y = Math.round(plane.y(at)) + 0.5;
      if (hasGrid) {
        context.moveTo(left, y);
        context.lineTo(left + width, y);
      }
      context.fillText(text, left - 6, y);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const { at, text } of plane.timeTicks) {
      const x = Math.round(plane.x(at)) + 0.5;
      if (hasGrid) {
        context.moveTo(x, top);
        context.lineTo(x, top + height);
      }
      context.fillText(text, x, top + height + 6);
    }
    context.stroke();
  }

  private place(event: PointerEvent): { x: number; y: number } {
    // Offsets are the event's own, so that nothing is measured here.
    return { x: event.offsetX, y: event.offsetY };
  }

  private move(event: PointerEvent): void {
    const { plane } = this;
    if (!plane) return;
    const { x, y } = this.place(event);
    if (this.from !== null) this.stretch(x, y, plane);
    else this.events().onMove({ x, y, clientX: event.clientX, clientY: event.clientY }, plane);
  }

  private press(event: PointerEvent): void {
    this.wasDragged = false;
    if (event.pointerType === "touch") this.move(event);
    if (event.button !== 0 || event.pointerType === "touch" || !this.events().onZoom) return;
    this.from = this.place(event);
    this.host.setPointerCapture(event.pointerId);
  }

  private stretch(x: number, y: number, { left, top, width, height }: Plane): void {
    const [a, b] = ordered(this.from?.x ?? 0, Math.min(left + width, Math.max(left, x)));
    const [c, d] = this.isBox(y) ? ordered(this.from?.y ?? 0, Math.min(top + height, Math.max(top, y))) : [top, top + height];
    this.wasDragged = b - a >= LEAST_DRAG;
    this.drag.hidden = !this.wasDragged;
    Object.assign(this.drag.style, { left: `${a}px`, width: `${b - a}px`, top: `${c}px`, height: `${d - c}px` });
    if (this.wasDragged && this.plane) this.events().onMove(null, this.plane);
  }

  private isBox(y: number): boolean {
    return this.events().onBox !== undefined && Math.abs(y - (this.from?.y ?? y)) >= LEAST_BOX;
  }

  private release(event: PointerEvent): void {
    const { from, plane } = this;
    const isBox = this.isBox(this.place(event).y);
    this.from = null;
    this.drag.hidden = true;
    if (from === null || !plane || !this.wasDragged) return;
    const to = this.place(event);
    const [a, b] = ordered(from.x, to.x);
    const inside = (x: number): number => Math.round(plane.timeAt(Math.min(plane.left + plane.width, Math.max(plane.left, x))));
    if (!isBox) return this.events().onZoom?.(inside(a), inside(b));
    const [c, d] = ordered(from.y, Math.min(plane.top + plane.height, Math.max(plane.top, to.y)));
    this.events().onBox?.(inside(a), inside(b), plane.valueAt(d), plane.valueAt(c));
  }

  private leave(): void {
    if (this.plane && this.from === null) this.events().onMove(null, this.plane);
  }
}

const ordered = (one: number, other: number): [number, number] => (one < other ? [one, other] : [other, one]);
