// The pointer over a time chart: tooltip, dots on the lines, pinning, touch, exemplars.
import type uPlot from "uplot";
import { formatted } from "../data/units";
import { axisUnit, type Drawing, stepOf } from "./drawing";
import { cssColor, type Dot, shorten } from "./model";
import { dotAt } from "./overlay";
import { readAt } from "./reading";
import { Tooltip, type TooltipContent } from "./tooltip";
import { timeText } from "./time_axis";
import { scaleOf } from "./uplot_options";

/** With more lines only the nearest gets a dot. */
const FEW = 10;
const NAME_LENGTH = 60;

export class Hover {
  /** The exemplar under the pointer. */
  dot: Dot | null = null;
  /** Whether a finger pointed last; what it showed stays until it points elsewhere. */
  isTouch = false;
  private readonly tooltip: Tooltip;
  private readonly spots: HTMLElement[] = [];
  private chart: uPlot | undefined;
  private drawing: Drawing | undefined;
  private at = { x: 0, y: 0 };
  private isInside = false;
  private isPinned = false;
  private frame = 0;
  private detachers: (() => void)[] = [];

  constructor(
    host: HTMLElement,
    private readonly onDotChange: () => void,
    private readonly onDot: (dot: Dot) => void,
  ) {
    this.tooltip = new Tooltip(host);
  }

  /** Listens to a chart that was just made. */
  attach(chart: uPlot, drawing: Drawing): void {
    this.chart = chart;
    this.drawing = drawing;
    const { over } = chart;
    const listen = <K extends keyof DocumentEventMap>(target: HTMLElement | Document, type: K, listener: (event: DocumentEventMap[K]) => void): void => {
      target.addEventListener(type, listener as EventListener);
      this.detachers.push(() => target.removeEventListener(type, listener as EventListener));
    };
    listen(over, "pointerenter", (event) => this.enter(event));
    listen(over, "pointermove", (event) => this.pointer(event));
    listen(over, "pointerdown", (event) => this.pointer(event));
    listen(over, "pointerleave", (event) => event.pointerType === "touch" || this.leave());
    listen(over, "click", () => this.click());
    listen(document, "pointerdown", (event) => {
      const isOurs = over.contains(event.target as Node) || this.tooltip.contains(event.target);
      if (!isOurs && (this.isPinned || this.isTouch)) this.hide();
    });
    listen(document, "keydown", (event) => event.key === "Escape" && this.isPinned && this.hide());
  }

  detach(): void {
    for (const stop of this.detachers.splice(0)) stop();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.chart = undefined;
    for (const spot of this.spots.splice(0)) spot.remove();
    this.unpin();
    this.tooltip.hide();
  }

  /** Takes over new data; uPlot tells where the pointer is in them. */
  follow(drawing: Drawing): void {
    this.drawing = drawing;
  }

  /** The crosshair moved, here or in a chart of the same key. */
  onCursor(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  hide(): void {
    this.isInside = this.isTouch = false;
    this.unpin();
    this.chart?.setCursor({ left: -10, top: -10 });
    this.tooltip.hide();
  }

  destroy(): void {
    this.detach();
    this.tooltip.destroy();
  }

  private enter(event: PointerEvent): void {
    this.isTouch = event.pointerType === "touch";
    this.isInside = true;
  }

  private leave(): void {
    this.isInside = false;
    if (!this.isPinned) this.tooltip.hide();
  }

  private pointer(event: PointerEvent): void {
    this.isInside = true;
    this.isTouch = event.pointerType === "touch";
    if (this.isPinned) return;
    this.at = { x: event.clientX, y: event.clientY };
    const { chart } = this;
    // uPlot knows the mouse only.
    if (chart && this.isTouch) chart.setCursor({ left: event.clientX - chart.rect.left, top: event.clientY - chart.rect.top });
  }

  /** uPlot has locked or freed its crosshair by now; the tooltip goes with it. */
  private click(): void {
    const cursor = this.chart?.cursor as (uPlot.Cursor & { _lock?: boolean }) | undefined;
    if (!cursor) return;
    if (this.dot) {
      cursor._lock = false;
      this.onDot(this.dot);
      return;
    }
    if (this.isTouch) cursor._lock = false;
    this.isPinned = cursor._lock === true;
    this.tooltip.pin(this.isPinned);
    if (!this.isPinned) this.onCursor();
  }

  private unpin(): void {
    this.isPinned = false;
    this.tooltip.pin(false);
    if (this.chart) (this.chart.cursor as uPlot.Cursor & { _lock?: boolean })._lock = false;
  }

  private draw(): void {
    this.frame = 0;
    const { chart, drawing } = this;
    const index = chart?.cursor.idx;
    if (!chart || !drawing || drawing.tooltip === "none" || index === null || index === undefined || (chart.cursor.left ?? -1) < 0) {
      this.spots.forEach((spot) => spot.toggleAttribute("hidden", true));
      if (!this.isPinned) this.tooltip.hide();
      this.choose(null);
      return;
    }
    const top = chart.cursor.top ?? 0;
    const place = (line: number): number | null => {
      const value = chart.data[line + 1]?.[index];
      const owner = drawing.lines[line];
      return value === null || value === undefined || !owner ? null : chart.valToPos(value, scaleOf(owner));
    };
    const reading = readAt(drawing.lines, index, {
      mode: drawing.tooltip,
      isHidden: (key) => drawing.hidden.has(key),
      distance: (line) => {
        const y = place(line);
        return y === null ? null : Math.abs(y - top);
      },
    });
    const time = (drawing.frame.times[index] ?? 0) * 1000;
    this.mark(chart, drawing, index, reading.rows.length > FEW ? reading.rows.filter((_, i) => i === reading.nearest) : reading.rows, place);
    if (!this.isInside) {
      this.tooltip.hide();
      return;
    }
    this.choose(drawing.dots.length && !this.isPinned ? dotAt(chart, drawing.dots, chart.cursor.left ?? 0, top) : this.dot);
    const content: TooltipContent = {
      head: timeText(time, stepOf(drawing.frame.times), drawing.zone),
      rows: reading.rows.map(({ line, value }, i) => {
        const owner = drawing.lines[line];
        const unit = owner ? axisUnit(drawing, owner) : "";
        return { name: shorten(owner?.series.name ?? "", NAME_LENGTH), value: formatted(value, unit, owner?.series.decimals ?? drawing.decimals), color: owner?.color ?? "", pattern: owner?.pattern ?? 0, isNearest: i === reading.nearest && reading.rows.length > 1 };
      }),
      foot: reading.more ? `and ${reading.more} more` : reading.rows.length ? "" : "No samples here",
    };
    if (this.dot) content.rows.push({ name: shorten(this.dot.title, NAME_LENGTH), value: formatted(this.dot.value, drawing.unit, drawing.decimals), color: this.dot.color ?? "traces", pattern: -1, isNearest: true });
    this.tooltip.show(content, this.at.x, this.at.y);
  }

  private choose(dot: Dot | null): void {
    if (dot === this.dot) return;
    this.dot = dot;
    this.chart?.over.toggleAttribute("data-on-dot", dot !== null);
    this.onDotChange();
  }

  /** Puts a spot on each of some lines. */
  private mark(chart: uPlot, drawing: Drawing, index: number, rows: readonly { line: number }[], place: (line: number) => number | null): void {
    const x = chart.valToPos(drawing.frame.times[index] ?? 0, "x");
    let used = 0;
    for (const { line } of rows) {
      const y = place(line);
      const owner = drawing.lines[line];
      if (y === null || !owner || owner.style.draw === "bars") continue;
      let spot = this.spots[used];
      if (!spot) {
        spot = document.createElement("div");
        spot.className = "plot-spot";
        this.spots.push(spot);
        chart.over.append(spot);
      }
      used += 1;
      spot.toggleAttribute("hidden", false);
      spot.style.translate = `${x}px ${y}px`;
      spot.style.color = cssColor(owner.color);
    }
    for (let i = used; i < this.spots.length; i += 1) this.spots[i]?.toggleAttribute("hidden", true);
  }
}
