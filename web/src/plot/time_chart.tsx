// A chart of values over time, for every page: lines, areas, bars, stacks; legend, tooltip, zoom.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Calc } from "./calcs";
import { chosen } from "./choice";
import { axisUnit, type Drawing } from "./drawing";
import { Legend, type LegendForm } from "./legend";
import { type Dot, type Frame, type Line, linesOf, type Mark, type Series, type SeriesStyle, type Threshold, type Window } from "./model";
import { summaryOf, ValueTable } from "./summary";
import type { TimePlot } from "./time_plot";

export interface TimeChartProps {
  /** The chart is fed anew when this is another object: keep it while the data stay. */
  frame: Frame;
  /** Milliseconds. */
  window: Window;
  /** Grafana's unit ids; see data/units.ts. */
  unit?: string;
  decimals?: number;
  /** What the chart shows, for its summary in words. */
  title: string;
  /** Of the plot without its legend, in pixels; the style sheet's otherwise. */
  height?: number;
  style?: Partial<SeriesStyle>;
  marks?: readonly Mark[];
  thresholds?: readonly Threshold[];
  dots?: readonly Dot[];
  /** A click on a dot; without it the dot's address is opened. */
  onDot?: (dot: Dot) => void;
  onZoom?: (start: number, end: number) => void;
  onZoomOut?: () => void;
  /** Adds a button to each entry of the legend: filter for it, with Alt exclude it. */
  onSeries?: (series: Series, options: { alt: boolean }) => void;
  legend?: LegendForm;
  calcs?: readonly Calc[];
  /** Heads the names in a legend that is a table. */
  legendHeading?: string;
  /** Said below the legend, such as that series were left out. */
  legendNote?: string;
  min?: number;
  max?: number;
  log?: 2 | 10 | false;
  axisLabel?: string;
  tooltip?: "single" | "all" | "none";
  /** Charts of one key share their crosshair. */
  sync?: string;
  tz?: "local" | "utc";
  /** The data are old; they are dimmed, the page says why. */
  isStale?: boolean;
  noData?: string;
}

const NONE: readonly never[] = [];
const NOBODY: ReadonlySet<string> = new Set();
const LAST: readonly Calc[] = ["last"];

export function TimeChart(props: TimeChartProps) {
  const { frame, title, legend = "table", decimals } = props;
  const lines = useLines(frame, props.style);
  const [wanted, setHidden] = useState<ReadonlySet<string>>(NOBODY);
  // The only line that was shown may be gone from the data.
  const hidden = lines.every((line) => wanted.has(line.key)) ? NOBODY : wanted;
  const plot = useRef<TimePlot | null>(null);
  const drawing = useDrawing(props, lines, hidden);
  const isEmpty = !lines.some((line) => hasValue(line.series.values));
  const unitOf = (line: Line): string => axisUnit(drawing, line);
  const choose = (line: Line, isToggle: boolean): void => setHidden(chosen(lines, hidden, line.key, isToggle));
  return (
    <div class="chart" data-stale={props.isStale || undefined}>
      <div class="chart-layout" data-legend={isEmpty ? "none" : legend} style={props.height ? { "--plot-height": `${props.height}px` } : {}}>
        <Plot drawing={drawing} isEmpty={isEmpty} plot={plot} props={props} label={summaryOf(title, lines, props.window, drawing.zone, unitOf, decimals)} />
        {isEmpty ? null : (
          <>
            <ValueTable title={title} lines={lines} unitOf={unitOf} decimals={decimals} />
            <DotList dots={props.dots ?? NONE} onDot={props.onDot} />
            {legend === "none" ? null : (
              <Legend
                title={title}
                form={legend}
                lines={lines}
                calcs={props.calcs ?? LAST}
                unitOf={unitOf}
                decimals={decimals}
                hidden={hidden}
                onChoose={choose}
                onHighlight={(index) => plot.current?.highlight(index)}
                onSeries={props.onSeries}
                heading={props.legendHeading ?? "Series"}
                note={props.legendNote ?? ""}
              />
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** Keeps its lines while nothing but values change in a style given anew at each rendering. */
function useLines(frame: Frame, style: Partial<SeriesStyle> | undefined): Line[] {
  const key = JSON.stringify(style ?? {});
  return useMemo(() => linesOf(frame.series, style), [frame, key]);
}

function useDrawing(props: TimeChartProps, lines: Line[], hidden: ReadonlySet<string>): Drawing {
  const { frame, window, unit, decimals, min, max, log = false, axisLabel = "", tz = "local", tooltip = "all", sync = "", dots = NONE } = props;
  const marks = useStable(props.marks ?? NONE);
  const thresholds = useStable(props.thresholds ?? NONE);
  const canZoom = props.onZoom !== undefined;
  return useMemo(() => {
    const first = (axis: "left" | "right"): string | undefined => lines.find((line) => line.axis === axis && line.series.unit !== undefined)?.series.unit;
    return { frame, lines, hidden, window, unit: unit ?? first("left") ?? "", rightUnit: first("right") ?? unit ?? "", decimals, min, max, log, axisLabel, zone: tz, tooltip, sync, marks, thresholds, dots, canZoom };
  }, [frame, lines, hidden, window.start, window.end, unit, decimals, min, max, log, axisLabel, tz, tooltip, sync, marks, thresholds, dots, canZoom]);
}

/** The list as it was first given, as long as its content stays: pages write lists where they use them. */
function useStable<T>(list: readonly T[]): readonly T[] {
  const key = list.length ? JSON.stringify(list) : "";
  return useMemo(() => list, [key]);
}

interface PlotProps {
  drawing: Drawing;
  isEmpty: boolean;
  plot: { current: TimePlot | null };
  props: TimeChartProps;
  label: string;
}

function Plot({ drawing, isEmpty, plot, props, label }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const [isReady, setReady] = useState(false);
  // Listeners of the first rendering always call those of the latest.
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let isGone = false;
    void import("./time_plot").then(({ TimePlot }) => {
      if (isGone || !host.current) return;
      plot.current = new TimePlot(host.current, {
        onZoom: (start, end) => latest.current.onZoom?.(Math.round(start), Math.round(end)),
        onZoomOut: () => latest.current.onZoomOut?.(),
        onDot: (dot) => open(dot, latest.current.onDot),
      });
      setReady(true);
    });
    return () => {
      isGone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => {
    if (!isEmpty) plot.current?.show(drawing);
  }, [drawing, isReady, isEmpty]);
  useEffect(() => plot.current?.describe(label), [label, isReady]);

  return (
    <div class="plot-frame">
      <div class="plot" ref={host} data-empty={isEmpty || undefined} data-ready={isReady && !isEmpty ? "" : undefined} />
      {isEmpty ? <p class="plot-empty">{props.noData ?? "No data in this window"}</p> : null}
    </div>
  );
}

/** Dots for the keyboard: shown once one of them has the focus. */
function DotList({ dots, onDot }: { dots: readonly Dot[]; onDot: TimeChartProps["onDot"] }) {
  if (!dots.length) return null;
  return (
    <ul class="hidden-text plot-dots" aria-label="Exemplars">
      {dots.slice(0, 20).map((dot, i) => (
        <li key={i}>
          {onDot ? (
            <button type="button" class="link-button" onClick={() => onDot(dot)}>
              {dot.title}
            </button>
          ) : dot.href ? (
            <a href={dot.href}>{dot.title}</a>
          ) : (
            dot.title
          )}
        </li>
      ))}
    </ul>
  );
}

function open(dot: Dot, onDot: TimeChartProps["onDot"]): void {
  if (onDot) onDot(dot);
  else if (dot.href) location.assign(dot.href);
}

function hasValue(values: ArrayLike<number | null>): boolean {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value !== null && value !== undefined && Number.isFinite(value)) return true;
  }
  return false;
}
