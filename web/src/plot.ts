// uPlot in the page's colours; a chunk of its own, loaded when there is something to draw.
import uPlot from "uplot";
import { bounds, type Drawing } from "./data/chart";
import { clock } from "./data/format";
import { inUnit, ticks } from "./data/unit";

export interface PlotEvents {
  /** The step under the pointer; null when it left. */
  onHover: (index: number | null) => void;
  /** A dragged window, in seconds. */
  onZoom: (start: number, end: number) => void;
  onZoomOut: () => void;
}

/** Colours that CSS gives to `.series-N`, and dashes once they repeat. */
const COLOURS = 8;
const DASHES = [[], [7, 4], [2, 3]];

/** A chart in an element. Made anew when the series or the theme change, else only fed. */
export class Plot {
  private chart: uPlot | undefined;
  private shape = "";
  private drawing: Drawing | undefined;
  private isolated: number | null = null;
  private readonly sizes: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly events: PlotEvents,
  ) {
    this.sizes = new ResizeObserver(() => this.chart?.setSize(this.size()));
    this.sizes.observe(host);
  }

  /** Shows a drawing; `isolated` is the index of the only series to show, or null. */
  show(drawing: Drawing, isolated: number | null): void {
    this.drawing = drawing;
    const { frame, metric, isRate } = drawing;
    const shape = JSON.stringify([metric, isRate, frame.columns.map((column) => column.name)]);
    const data: uPlot.AlignedData = [frame.times, ...frame.columns.map((column) => column.values)];
    if (!this.chart || shape !== this.shape) {
      this.chart?.destroy();
      this.chart = new uPlot(this.options(drawing), data, this.host);
      this.shape = shape;
      this.isolated = null;
    } else {
      this.chart.setData(data);
    }
    if (isolated !== this.isolated) {
      frame.columns.forEach((_, i) => this.chart?.setSeries(i + 1, { show: isolated === null || isolated === i }));
      this.isolated = isolated;
    }
  }

  /** Draws again in the colours that hold now. */
  recolour(): void {
    this.shape = "";
    if (this.drawing) this.show(this.drawing, this.isolated);
  }

  destroy(): void {
    this.sizes.disconnect();
    this.chart?.destroy();
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(80, this.host.clientWidth), height: Math.max(120, this.host.clientHeight) };
  }

  private colour(name: string): string {
    const probe = document.createElement("span");
    probe.className = name;
    this.host.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  private options({ frame, unit, isRate }: Drawing): uPlot.Options {
    const text = this.colour("plot-text");
    const grid = { stroke: this.colour("plot-grid"), width: 1 };
    const font = `11px ${getComputedStyle(this.host).fontFamily}`;
    const axis = { stroke: text, font, grid, ticks: { show: false }, border: { show: false } };
    const per = this.host.clientWidth < 500 ? 80 : 110;
    return {
      ...this.size(),
      padding: [10, 18, 0, 0],
      legend: { show: false },
      cursor: {
        drag: { x: true, y: false, setScale: false },
        points: { size: 7, width: 2 },
        bind: { dblclick: () => () => (this.events.onZoomOut(), null) },
      },
      scales: {
        x: { time: true, range: (_, min, max) => [min, max] },
        y: { range: () => (this.drawing ? bounds(this.visible(this.drawing)) : [0, 1]) },
      },
      axes: [
        { ...axis, size: 24, gap: 4, space: per, values: (_, splits) => splits.map((at) => clock(at * 1000, false).slice(0, splits.length > 1 && (splits[1] ?? 0) - (splits[0] ?? 0) < 60 ? 8 : 5)) },
        { ...axis, size: (_u, labels) => Math.max(36, 14 + 6.6 * Math.max(0, ...(labels ?? []).map((label) => label.length))), splits: (_u, _i, min, max) => ticks(min, max, 5, unit), values: (_, splits) => splits.map((value) => inUnit(value, unit, isRate)) },
      ],
      series: [
        {},
        ...frame.columns.map((column, i) => ({
          label: column.name,
          stroke: this.colour(`series-${i % COLOURS}`),
          width: 1.75,
          dash: DASHES[Math.floor(i / COLOURS) % DASHES.length] ?? [],
          spanGaps: false,
          points: { show: (chart: uPlot, series: number) => isLonely(chart.data[series] ?? []) },
        })),
      ],
      hooks: {
        setCursor: [(chart) => this.events.onHover(chart.cursor.idx ?? null)],
        setSelect: [
          (chart) => {
            if (chart.select.width < 6) return;
            const start = chart.posToVal(chart.select.left, "x");
            const end = chart.posToVal(chart.select.left + chart.select.width, "x");
            chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            this.events.onZoom(start, end);
          },
        ],
      },
    };
  }

  private visible(drawing: Drawing): Drawing["frame"] {
    const { frame } = drawing;
    const only = this.isolated === null ? undefined : frame.columns[this.isolated];
    return only ? { ...frame, columns: [only] } : frame;
  }
}

/** A single sample makes no line: it needs a point to be seen. */
function isLonely(values: ArrayLike<number | null | undefined>): boolean {
  for (let i = 1; i < values.length; i += 1) if ((values[i - 1] ?? null) !== null && (values[i] ?? null) !== null) return false;
  return true;
}
