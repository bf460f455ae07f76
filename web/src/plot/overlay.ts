// What lies over the lines: thresholds, exemplars, marks such as alerts and deploys.
import uPlot from "uplot";
import { cssColor, type Dot, type Mark, type Threshold, type Window } from "./model";
import { rgb } from "./palette";

/** Areas beyond thresholds; drawn before the series. */
export function drawAreas(u: uPlot, thresholds: readonly Threshold[]): void {
  const { left, top, width, height } = u.bbox;
  for (const { value, color, fill, axis } of thresholds) {
    if (!fill || !hasScale(u, axis)) continue;
    const y = Math.min(top + height, Math.max(top, u.valToPos(value, axis === "right" ? "y2" : "y", true)));
    u.ctx.fillStyle = rgb(color, 0.09);
    if (fill === "above") u.ctx.fillRect(left, top, width, y - top);
    else u.ctx.fillRect(left, y, width, top + height - y);
  }
}

/** Lines of thresholds; drawn after the series. */
export function drawThresholds(u: uPlot, thresholds: readonly Threshold[]): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  ctx.lineWidth = 1.25 * ratio;
  for (const { value, color, label, axis } of thresholds) {
    if (!hasScale(u, axis)) continue;
    const y = Math.round(u.valToPos(value, axis === "right" ? "y2" : "y", true));
    if (!(y >= top && y <= top + height)) continue;
    ctx.strokeStyle = ctx.fillStyle = rgb(color);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    if (!label) continue;
    ctx.font = `${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "right";
    ctx.textBaseline = y - top < 16 * ratio ? "top" : "bottom";
    // A rim in the colour of the ground keeps the text readable where lines cross it.
    ctx.save();
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * ratio;
    ctx.lineJoin = "round";
    ctx.strokeStyle = rgb("surface");
    const [x, at] = [left + width - 4 * ratio, y + (ctx.textBaseline === "top" ? 3 : -3) * ratio];
    ctx.strokeText(label, x, at);
    ctx.fillText(label, x, at);
    ctx.restore();
  }
  ctx.restore();
}

/** Diamonds at exemplars, the one under the pointer larger. */
export function drawDots(u: uPlot, dots: readonly Dot[], chosen: Dot | null): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.lineWidth = uPlot.pxRatio;
  ctx.strokeStyle = rgb("surface");
  for (const dot of dots) {
    const x = u.valToPos(dot.at / 1000, "x", true);
    const y = u.valToPos(dot.value, "y", true);
    if (!(x >= left && x <= left + width && y >= top && y <= top + height)) continue;
    const half = (dot === chosen ? 6.5 : 4.5) * uPlot.pxRatio;
    ctx.fillStyle = rgb(dot.color ?? "traces");
    ctx.beginPath();
    ctx.moveTo(x, y - half);
    ctx.lineTo(x + half, y);
    ctx.lineTo(x, y + half);
    ctx.lineTo(x - half, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** The dot within reach of a place in the plot, in CSS pixels. */
export function dotAt(u: uPlot, dots: readonly Dot[], left: number, top: number, reach = 9): Dot | null {
  let found: Dot | null = null;
  let least = reach * reach;
  for (const dot of dots) {
    const dx = u.valToPos(dot.at / 1000, "x") - left;
    if (dx > reach || dx < -reach) continue;
    const dy = u.valToPos(dot.value, "y") - top;
    const far = dx * dx + dy * dy;
    if (far <= least) {
      least = far;
      found = dot;
    }
  }
  return found;
}

function hasScale(u: uPlot, axis: Threshold["axis"]): boolean {
  return (axis === "right" ? u.scales.y2 : u.scales.y) !== undefined;
}

/** Marks beyond these are not shown. */
const MOST_MARKS = 200;

/** Marks as elements of a layer over the plot; `placeMarks` says where they are. */
export function makeMarks(layer: HTMLElement, marks: readonly Mark[]): void {
  layer.replaceChildren(...marks.slice(0, MOST_MARKS).map(markElement));
}

/** Places are parts of the window, so that marks follow the width of the plot by themselves. */
export function placeMarks(layer: HTMLElement, marks: readonly Mark[], { start, end }: Window): void {
  const place = (at: number): number => Math.min(100, Math.max(0, ((at - start) / (end - start)) * 100));
  marks.slice(0, MOST_MARKS).forEach(({ at, until }, i) => {
    const box = layer.children[i] as HTMLElement | undefined;
    if (!box) return;
    const [from, to] = [place(at), place(until ?? at)];
    box.hidden = (until ?? at) < start || at > end;
    box.toggleAttribute("data-before", at < start);
    box.toggleAttribute("data-late", from > 50);
    box.style.left = `${from}%`;
    box.style.width = until === undefined ? "" : `${to - from}%`;
  });
}

function markElement({ title, text, color, href }: Mark): HTMLElement {
  const box = document.createElement("div");
  box.className = "plot-mark";
  box.style.setProperty("--mark", cssColor(color ?? "accent"));
  const flag = href ? Object.assign(document.createElement("a"), { href }) : document.createElement("span");
  flag.className = "plot-flag";
  flag.tabIndex = 0;
  if (!href) flag.setAttribute("role", "note");
  flag.setAttribute("aria-label", text ? `${title}: ${text}` : title);
  const note = document.createElement("span");
  note.className = "plot-note";
  note.setAttribute("aria-hidden", "true");
  const strong = document.createElement("strong");
  strong.textContent = title;
  note.append(strong, text ? ` ${text}` : "");
  box.append(flag, note);
  return box;
}
