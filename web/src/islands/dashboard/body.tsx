// The inside of a panel by its type.
import type { ComponentType } from "preact";
import type { BodyProps } from "./types";
import { ChartBody } from "./panels/chart";
import { BarGaugeBody, GaugeBody } from "./panels/gauges";
import { LogsBody, TracesBody } from "./panels/lines";
import { GraphBody } from "./panels/lists";
import { BarChartBody, HeatmapBody, HistogramBody, PieBody, ScatterBody } from "./panels/shares";
import { StatBody } from "./panels/stat";
import { StatesBody } from "./panels/states";
import { TableBody } from "./panels/table";

export const BODIES: Partial<Record<string, ComponentType<BodyProps>>> = {
  barchart: BarChartBody,
  bargauge: BarGaugeBody,
  gauge: GaugeBody,
  heatmap: HeatmapBody,
  histogram: HistogramBody,
  logs: LogsBody,
  nodeGraph: GraphBody,
  piechart: PieBody,
  stat: StatBody,
  "state-timeline": StatesBody,
  "status-history": StatesBody,
  table: TableBody,
  timeseries: ChartBody,
  traces: TracesBody,
  trend: ChartBody,
  xychart: ScatterBody,
};

/** Panels that ask for what they show by themselves. */
export const SELF_LOADED = new Set(["text", "alertlist", "dashlist", "annolist"]);
