// Pie charts, histograms, bar charts, heatmaps, scatter plots: distributions and shares.
import { useMemo } from "preact/hooks";
import { chartFrame, isHidden } from "../../../dashboard/chart_model";
import { type Field, numberFields, rowsOf } from "../../../dashboard/frames";
import { heatOf } from "../../../dashboard/heat";
import { matches, nameOf } from "../../../dashboard/matcher";
import { noDataText } from "../../../dashboard/nothing";
import { numberOf } from "../../../dashboard/reduce";
import { shown } from "../../../dashboard/shown";
import type { Matcher } from "../../../dashboard/types";
import { valuesOf } from "../../../dashboard/values";
import { PLAIN } from "../../../dashboard/field_config";
import { BarList } from "../../../plot/bar_list";
import { bucketed } from "../../../plot/buckets";
import { Heatmap } from "../../../plot/heatmap";
import { Histogram } from "../../../plot/histogram";
import { Pie } from "../../../plot/pie";
import { TimeChart } from "../../../plot/time_chart";
import { zoom, zoomOut } from "../../../state/time";
import type { BodyProps } from "../types";

export function PieBody({ panel, data, title, size, zone }: BodyProps) {
  const values = useMemo(() => valuesOf(panel, data.frames, { zone, mode: "palette-classic" }), [panel, data, zone]);
  const slices = values.flatMap(({ name, shown: { number, color } }) => (number === null ? [] : [{ name, value: number, color }]));
  const { pieType = "pie", legend = {} } = panel.options as { pieType?: string; legend?: { showLegend?: boolean; displayMode?: string; placement?: string; values?: string[] } };
  const isListed = legend.showLegend !== false && legend.displayMode !== "hidden";
  const isRight = size.width > 320 && (legend.placement === "right" || size.height < 240);
  const shows = (["value", "percent"] as const).filter((one) => legend.values?.includes(one));
  const options = values[0]?.options;
  return <Pie slices={slices} title={title} unit={options?.unit ?? ""} {...(options?.decimals === null || options?.decimals === undefined ? {} : { decimals: options.decimals })} donut={pieType === "donut"} legend={isListed ? (isRight ? "right" : "list") : "none"} shows={shows.length ? shows : ["percent"]} height={Math.max(80, isListed && !isRight ? size.height - Math.min(slices.length * 24 + 16, size.height * 0.5) : size.height - 8)} noData={noDataText(panel)} />;
}

export function HistogramBody({ panel, data, title, size }: BodyProps) {
  const { bucketCount, bucketSize, bucketOffset, combine } = panel.options as { bucketCount?: number; bucketSize?: number | null; bucketOffset?: number; combine?: boolean };
  const made = useMemo(() => {
    const table = data.frames.find(({ fields }) => fields[0]?.name === "xMin" && fields[1]?.name === "xMax");
    if (table) {
      const [low, high, ...counts] = table.fields;
      const bounds = [...(low?.values ?? []), high?.values.at(-1)].map((value) => numberOf(value) ?? 0);
      return { bounds, series: counts.map((field) => ({ name: nameOf(field), counts: field.values.map((value) => numberOf(value) ?? 0) })), unit: low?.options?.unit ?? "" };
    }
    const fields = data.frames.flatMap(numberFields).filter(({ options }) => !isHidden(options));
    const series = fields.map((field) => ({ name: nameOf(field), values: field.values.map(numberOf) }));
    const merged = combine ? [{ name: "Count", values: series.flatMap(({ values }) => values) }] : series;
    const unit = fields[0]?.options?.unit ?? "";
    return { ...bucketed(merged, { most: bucketCount ?? 30, unit, offset: bucketOffset ?? 0, ...(bucketSize ? { size: bucketSize } : {}) }), unit };
  }, [data, panel]);
  return <Histogram bounds={made.bounds} series={made.series} unit={made.unit} title={title} height={Math.max(80, size.height - (made.series.length > 1 ? 62 : 34))} noData={noDataText(panel)} />;
}

export function HeatmapBody({ panel, data, title, size, zone, isStale }: BodyProps) {
  const heat = useMemo(() => heatOf(data.frames, panel), [data, panel]);
  const axis = panel.options.yAxis as { unit?: string; decimals?: number | null } | undefined;
  const unit = axis?.unit || heat?.unit || "";
  if (!heat) return <p class="dash-nothing">{noDataText(panel)}</p>;
  return <Heatmap times={heat.times} bounds={heat.bounds} counts={heat.counts} window={data.window} title={title} unit={unit} {...(axis?.decimals === null || axis?.decimals === undefined ? {} : { decimals: axis.decimals })} height={Math.max(100, size.height - 26)} tz={zone} onZoom={zoom} onZoomOut={zoomOut} isStale={isStale} noData={noDataText(panel)} />;
}

/** Rows by a name: bars side by side in lists, one list per column of numbers; times become a chart of bars. */
export function BarChartBody(props: BodyProps) {
  const { panel, data, title, zone, isStale } = props;
  const { xField = "", stacking = "none" } = panel.options as { xField?: string; stacking?: string };
  const frame = data.frames.find((one) => one.fields.some(({ type }) => type === "number"));
  const x = frame?.fields.find((field) => (xField ? nameOf(field) === xField || field.name === xField : field.type === "string")) ?? frame?.fields.find(({ type }) => type === "time");
  if (!frame || !rowsOf(frame)) return <p class="dash-nothing">{noDataText(panel)}</p>;
  if (x?.type === "time") {
    const style = { draw: "bars" as const, fill: 0.8, ...(stacking === "none" ? {} : { stack: "A", percent: stacking === "percent" }) };
    const drawn = chartFrame(data.frames, data.stepMs);
    return <TimeChart frame={{ ...drawn, series: drawn.series.map((one) => ({ ...one, style: {} })) }} style={style} window={data.window} title={title} tz={zone} legend="list" calcs={[]} onZoom={zoom} onZoomOut={zoomOut} isStale={isStale} noData={noDataText(panel)} />;
  }
  const numbers = frame.fields.filter((field) => field.type === "number" && field !== x && !isHidden(field.options));
  return (
    <div class="dash-barlists" data-stale={isStale || undefined}>
      {numbers.map((field, index) => (
        <section key={nameOf(field)}>
          {numbers.length > 1 ? <h4>{nameOf(field)}</h4> : null}
          <BarList items={barsOf(field, x, index, zone)} title={`${title}: ${nameOf(field)}`} />
        </section>
      ))}
    </div>
  );
}

function barsOf(field: Field, x: Field | undefined, index: number, zone: "local" | "utc") {
  return field.values.slice(0, 100).map((value, row) => {
    const read = shown(value, field.options ?? PLAIN, { index }, "palette-classic", zone);
    return { name: String(x?.values[row] ?? row + 1), value: read.number, text: read.text, color: read.color };
  });
}

interface Point {
  x: number;
  y: number;
  name: string;
}

/** Two columns of numbers against each other. */
export function ScatterBody({ panel, data, title, size, zone }: BodyProps) {
  const groups = useMemo(() => pairs(panel.options, data.frames), [panel, data]);
  const points = groups.flatMap(({ points: own }) => own);
  const [first] = groups;
  if (!points.length || !first) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const low = (of: (point: Point) => number): number => Math.min(...points.map(of));
  const high = (of: (point: Point) => number): number => Math.max(...points.map(of));
  const [x0, x1, y0, y1] = [low(({ x }) => x), high(({ x }) => x), low(({ y }) => y), high(({ y }) => y)];
  const [width, height] = [Math.max(120, size.width), Math.max(80, size.height - 26)];
  const place = ({ x, y }: Point): [number, number] => [56 + ((x - x0) / (x1 - x0 || 1)) * (width - 72), height - 28 - ((y - y0) / (y1 - y0 || 1)) * (height - 40)];
  const text = (value: number, field: Field): string => shown(value, field.options ?? PLAIN, {}, "fixed", zone).text;
  return (
    <figure class="dash-scatter">
      <svg width={width} height={height} role="img" aria-label={`${title}: ${points.length} points; ${nameOf(first.x)} from ${text(x0, first.x)} to ${text(x1, first.x)}, ${nameOf(first.y)} from ${text(y0, first.y)} to ${text(y1, first.y)}`}>
        <path class="dash-axis" d={`M52 8V${height - 24}H${width - 8}`} />
        {groups.map(({ points: own, color }) =>
          own.map((point, i) => {
            const [cx, cy] = place(point);
            return (
              <circle key={i} cx={cx} cy={cy} r={4} style={{ fill: `var(--${color})` }}>
                <title>{`${point.name}\n${nameOf(first.x)}: ${text(point.x, first.x)}\n${nameOf(first.y)}: ${text(point.y, first.y)}`}</title>
              </circle>
            );
          }),
        )}
        <text x={52} y={height - 8}>{text(x0, first.x)}</text>
        <text x={width - 8} y={height - 8} text-anchor="end">{text(x1, first.x)}</text>
        <text x={48} y={height - 24} text-anchor="end">{text(y0, first.y)}</text>
        <text x={48} y={16} text-anchor="end">{text(y1, first.y)}</text>
      </svg>
      <figcaption>{`${nameOf(first.y)} by ${nameOf(first.x)}`}</figcaption>
    </figure>
  );
}

interface Group {
  x: Field;
  y: Field;
  points: Point[];
  color: string;
}

function pairs(options: Record<string, unknown>, frames: BodyProps["data"]["frames"]): Group[] {
  const series = (options.series ?? []) as { x?: { matcher?: Matcher } | string; y?: { matcher?: Matcher } | string }[];
  const whole = frames.flatMap((frame) => frame.fields.map((field) => ({ field, frame })));
  const find = (side: { matcher?: Matcher } | string | undefined): Field | undefined => {
    const matcher = typeof side === "string" ? { id: "byName", options: side } : side?.matcher;
    return matcher ? whole.find(({ field, frame }) => matches(matcher)(field, frame))?.field : undefined;
  };
  const numbers = whole.map(({ field }) => field).filter(({ type }) => type === "number");
  const wanted = series.length ? series.map(({ x, y }) => [find(x) ?? numbers[0], find(y) ?? numbers[1]]) : numbers.slice(1).map((y) => [numbers[0], y]);
  const names = whole.find(({ field }) => field.type === "string")?.field;
  return wanted.flatMap(([x, y], at) => {
    if (!x || !y) return [];
    const points = x.values.flatMap((value, row) => {
      const [a, b] = [numberOf(value), numberOf(y.values[row])];
      return a === null || b === null ? [] : [{ x: a, y: b, name: String(names?.values[row] ?? "") }];
    });
    return [{ x, y, points: points.slice(0, 2000), color: `series-${at % 8}` }];
  });
}
