// uPlot in the page's colours; a chunk of its own, loaded when there is something to draw.
import uPlot from "uplot";
import { type Drawing, type PlotEvents, shapeOf } from "./drawing";
import { Hover } from "./hover";
import { drawAreas, drawDots, drawThresholds, makeMarks, placeMarks } from "./overlay";
import { onColours } from "./palette";
import { columnsOf } from "./stack";
import { optionsOf } from "./uplot_options";

/** Opacity of the other lines while one is pointed at in the legend. */
const DIMMED = 0.2;

/** A chart in an element. Made anew only when the kind of its lines changes, else fed. */
export class TimePlot {
  private chart: uPlot | undefined;
  private shape = "";
  private label = "";
  private drawing: Drawing | undefined;
  private readonly hover: Hover;
  private readonly marks = document.createElement("div");
  private readonly sizes: ResizeObserver;
  private readonly stopColours: () => void;

  constructor(
    private readonly host: HTMLElement,
    private readonly events: PlotEvents,
  ) {
    this.marks.className = "plot-marks";
    this.hover = new Hover(host, () => this.chart?.redraw(false), events.onDot);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(host);
    this.stopColours = onColours(() => this.chart?.redraw(false));
  }

  /** Shows a drawing. */
  show(drawing: Drawing): void {
    const before = this.drawing;
    this.drawing = drawing;
    const shape = shapeOf(drawing);
    if (!this.chart || shape !== this.shape) this.build(drawing, shape);
    else if (before) this.feed(before, drawing);
  }

  /** Says what is drawn; on the canvas alone, as marks over it are links of their own. */
  describe(label: string): void {
    this.label = label;
    const { canvas } = this.chart?.ctx ?? {};
    canvas?.setAttribute("role", "img");
    canvas?.setAttribute("aria-label", label);
  }

  /** Dims all lines but one; null shows all alike. */
  highlight(index: number | null): void {
    this.chart?.setSeries(index === null ? null : index + 1, { focus: true }, false);
  }

  destroy(): void {
    this.sizes.disconnect();
    this.stopColours();
    this.hover.destroy();
    this.chart?.destroy();
    this.chart = undefined;
  }

  private build(drawing: Drawing, shape: string): void {
    this.hover.detach();
    this.chart?.destroy();
    const { drawn, below } = columnsOf(drawing.lines, (key) => drawing.hidden.has(key), drawing.log !== false);
    this.shape = shape;
    const current = (): Drawing => this.drawing ?? drawing;
    const options: uPlot.Options = {
      ...this.size(),
      ...optionsOf(drawing, below, current),
      padding: [10, drawing.lines.some((line) => line.axis === "right") ? 4 : 20, 0, 0],
      legend: { show: false, live: false },
      focus: { alpha: DIMMED },
      cursor: this.cursor(drawing),
      hooks: {
        drawAxes: [(u) => drawAreas(u, current().thresholds)],
        draw: [
          (u) => {
            drawThresholds(u, current().thresholds);
            if (current().dots.length) drawDots(u, current().dots, this.hover.dot);
          },
        ],
        setCursor: [() => this.hover.onCursor()],
        setSelect: [(u) => this.select(u)],
      },
    };
    options.series.forEach((one, i) => {
      const line = drawing.lines[i - 1];
      if (line) one.show = !drawing.hidden.has(line.key);
    });
    this.chart = new uPlot(options, [Array.from(drawing.frame.times), ...drawn], this.host);
    this.describe(this.label);
    this.chart.over.append(this.marks);
    makeMarks(this.marks, drawing.marks);
    placeMarks(this.marks, drawing.marks, drawing.window);
    this.hover.attach(this.chart, drawing);
  }

  /** Gives the chart what is new and nothing else. */
  private feed(before: Drawing, drawing: Drawing): void {
    const { chart } = this;
    if (!chart) return;
    this.hover.follow(drawing);
    const isToggled = before.hidden !== drawing.hidden;
    const isMoved = before.window.start !== drawing.window.start || before.window.end !== drawing.window.end || before.min !== drawing.min || before.max !== drawing.max;
    const isStacked = drawing.lines.some((line) => line.style.stack !== false);
    if (isToggled && isStacked) {
      // The bands of a stack follow the lines that are left.
      this.build(drawing, this.shape);
      return;
    }
    chart.batch(() => {
      if (isToggled) {
        drawing.lines.forEach((line, i) => {
          const isShown = !drawing.hidden.has(line.key);
          if (chart.series[i + 1]?.show !== isShown) chart.setSeries(i + 1, { show: isShown }, false);
        });
      }
      if (before.frame !== drawing.frame) {
        const { drawn } = columnsOf(drawing.lines, (key) => drawing.hidden.has(key), drawing.log !== false);
        chart.setData([Array.from(drawing.frame.times), ...drawn]);
      } else if (isMoved) {
        chart.setData(chart.data);
      }
    });
    if (before.thresholds !== drawing.thresholds || before.dots !== drawing.dots) chart.redraw(false);
    if (before.marks !== drawing.marks) makeMarks(this.marks, drawing.marks);
    if (before.marks !== drawing.marks || isMoved) placeMarks(this.marks, drawing.marks, drawing.window);
  }

  private cursor(drawing: Drawing): uPlot.Cursor {
    const { sync, canZoom, tooltip } = drawing;
    return {
      x: true,
      y: false,
      points: { show: false },
      drag: { x: canZoom, y: false, setScale: false },
      lock: tooltip !== "none",
      bind: {
        dblclick: () => () => (this.events.onZoomOut(), null),
        // After a tap some browsers say that the mouse left, too.
        mouseleave: (_u, _target, handler) => (event) => (this.hover.isTouch ? null : handler(event)),
      },
      ...(sync
        ? {
            sync: {
              key: sync,
              scales: ["x", null],
              setSeries: false,
              // Another chart's drag is not ours.
              filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true },
            },
          }
        : {}),
    };
  }

  private select(u: uPlot): void {
    const { left, width } = u.select;
    if (width <= 0) return;
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width < 6) return;
    this.hover.hide();
    this.events.onZoom(u.posToVal(left, "x") * 1000, u.posToVal(left + width, "x") * 1000);
  }

  private resize(): void {
    const { width, height } = this.size();
    if (this.chart && (this.chart.width !== width || this.chart.height !== height)) this.chart.setSize({ width, height });
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(80, this.host.clientWidth), height: Math.max(60, this.host.clientHeight) };
  }
}
