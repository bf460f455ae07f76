// The box beside the pointer. Rows are made once and refilled; the style sheet keeps it inside the
// viewport, so that nothing is measured while the pointer moves.
import { cssColor } from "./model";

export interface TooltipRow {
  name: string;
  value: string;
  color: string;
  /** Dash pattern of the swatch; -1 shows none. */
  pattern: number;
  isNearest: boolean;
}

export interface TooltipContent {
  head: string;
  rows: TooltipRow[];
  foot?: string;
}

interface RowElements {
  row: HTMLElement;
  swatch: SVGElement;
  name: HTMLElement;
  value: HTMLElement;
}

/** A tooltip inside `host`; it lies above everything else and takes no pointer unless it is pinned. */
export class Tooltip {
  private readonly box = element("div", "plot-tip");
  private readonly head = element("div", "plot-tip-head");
  private readonly list = element("div", "plot-tip-rows");
  private readonly foot = element("div", "plot-tip-foot");
  private readonly rows: RowElements[] = [];
  private isOpen = false;

  constructor(host: HTMLElement) {
    this.box.setAttribute("popover", "manual");
    this.box.setAttribute("role", "tooltip");
    this.box.append(this.head, this.list, this.foot);
    // Outside the top layer, where popovers are unknown, nothing around may clip it.
    ("popover" in this.box ? host : document.body).append(this.box);
  }

  /** Shows a content beside a place of the viewport, in pixels. */
  show(content: TooltipContent, left: number, top: number): void {
    setText(this.head, content.head);
    setText(this.foot, content.foot ?? "");
    content.rows.forEach((row, i) => this.fill(this.rows[i] ?? this.addRow(), row));
    for (let i = content.rows.length; i < this.rows.length; i += 1) this.rows[i]?.row.setAttribute("hidden", "");
    this.move(left, top);
    if (!this.isOpen) {
      this.isOpen = true;
      this.box.dataset.open = "";
      this.box.showPopover?.();
    }
  }

  move(left: number, top: number): void {
    const { style } = this.box;
    style.setProperty("--x", `${left}px`);
    style.setProperty("--y", `${top}px`);
    this.box.toggleAttribute("data-before", left > innerWidth / 2);
    this.box.toggleAttribute("data-above", top > innerHeight / 2);
  }

  pin(isPinned: boolean): void {
    this.box.toggleAttribute("data-pinned", isPinned);
  }

  hide(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    delete this.box.dataset.open;
    this.box.hidePopover?.();
  }

  contains(target: EventTarget | null): boolean {
    return target instanceof Node && this.box.contains(target);
  }

  destroy(): void {
    this.box.remove();
  }

  private fill(elements: RowElements, { name, value, color, pattern, isNearest }: TooltipRow): void {
    const { row, swatch } = elements;
    row.removeAttribute("hidden");
    row.toggleAttribute("data-nearest", isNearest);
    setText(elements.name, name);
    setText(elements.value, value);
    if (row.dataset.color !== color) {
      row.dataset.color = color;
      swatch.style.color = cssColor(color);
    }
    swatch.setAttribute("class", pattern < 0 ? "swatch swatch-none" : `swatch dash-${pattern}`);
  }

  private addRow(): RowElements {
    const row = element("div", "plot-tip-row");
    const svg = "http://www.w3.org/2000/svg";
    const swatch = document.createElementNS(svg, "svg");
    swatch.setAttribute("viewBox", "0 0 16 4");
    const path = document.createElementNS(svg, "path");
    path.setAttribute("d", "M0 2h16");
    swatch.append(path);
    const name = element("span", "plot-tip-name");
    const value = element("span", "plot-tip-value");
    row.append(swatch, name, value);
    this.list.append(row);
    const made = { row, swatch, name, value };
    this.rows.push(made);
    return made;
  }
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
