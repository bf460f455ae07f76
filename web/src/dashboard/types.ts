// A dashboard as the server hands it out: one form, whatever Grafana's JSON of whatever age it was
// read from. The twin of appliance/dashboards/model.py and fields.py; change them together.

/** What answers a query. */
export type Engine =
  | "prometheus"
  | "loki"
  | "tempo"
  | "alertmanager"
  /** What dashboards themselves know: alerts as annotations, lists. */
  | "grafana"
  | "testdata"
  /** Each query names its own. */
  | "mixed"
  /** The answer of another panel. */
  | "dashboard"
  | "unsupported";

export interface Datasource {
  engine: Engine;
  /** As in the file; empty where it says nothing. */
  type: string;
  uid: string;
  /** Name of the variable that chooses it; empty when none does. */
  variable: string;
  /** Why it cannot be asked; empty when it can. */
  reason: string;
}

export type PanelType =
  | "timeseries"
  | "stat"
  | "gauge"
  | "bargauge"
  | "table"
  | "logs"
  | "traces"
  | "heatmap"
  | "histogram"
  | "piechart"
  | "state-timeline"
  | "status-history"
  | "barchart"
  | "text"
  | "alertlist"
  | "dashlist"
  | "nodeGraph"
  | "xychart"
  | "trend"
  | "annolist"
  | "unsupported";

export interface Link {
  title: string;
  /** May hold variables. */
  url: string;
  /** "dashboards": all dashboards that have one of `tags`. */
  kind: "link" | "dashboards";
  tooltip: string;
  icon: string;
  tags: string[];
  asDropdown: boolean;
  includeVariables: boolean;
  keepTime: boolean;
  targetBlank: boolean;
}

export interface Step {
  /** null: from minus infinity; only the first. */
  value: number | null;
  /** Grafana's name of a colour ("semi-dark-red"), or one of CSS. */
  color: string;
}

export interface Thresholds {
  mode: "absolute" | "percentage";
  /** Ascending. */
  steps: Step[];
}

export interface Mapping {
  kind: "value" | "range" | "regex" | "special";
  /** value: the text of the value; regex: the pattern; special: null, nan, null+nan, true, false, empty. */
  match: string;
  /** Of a range, both included; null is open. */
  start: number | null;
  end: number | null;
  /** null leaves the value. */
  text: string | null;
  /** Empty leaves the colour. */
  color: string;
}

export interface Color {
  /** fixed, shades, thresholds, palette-classic, palette-classic-by-name, continuous-… */
  mode: string;
  fixed: string;
  seriesBy: "last" | "min" | "max";
}

/** How a field is shown. null and empty mean: not said. */
export interface FieldOptions {
  unit: string;
  decimals: number | null;
  min: number | null;
  max: number | null;
  displayName: string;
  noValue: string;
  description: string;
  thresholds: Thresholds | null;
  mappings: Mapping[];
  color: Color | null;
  links: Link[];
  /** What a type of panel has of its own, such as `lineWidth`; complete for supported types. */
  custom: Record<string, unknown>;
}

export interface Matcher {
  /** byName, byNames, byRegexp, byType, byFrameRefID, byValue, … */
  id: string;
  options: unknown;
}

export interface Property {
  /** unit, decimals, min, max, displayName, noValue, thresholds, mappings, color, links, custom.… */
  id: string;
  /** Thresholds, mappings, colours and links are Thresholds, Mapping[], Color and Link[]; else as in Grafana. */
  value: unknown;
}

export interface Override {
  matcher: Matcher;
  properties: Property[];
}

export interface FieldConfig {
  defaults: FieldOptions;
  /** Later ones win. */
  overrides: Override[];
}

export interface Grid {
  /** Of 24 columns. */
  x: number;
  /** From the row's top; a unit is 30 px and 8 px of space. */
  y: number;
  width: number;
  height: number;
}

export interface Repeat {
  variable: string;
  direction: "h" | "v";
  maxPerRow: number;
}

export type Language = "promql" | "logql" | "traceql" | "trace" | "serviceMap" | "alerts" | "panel" | "testdata" | "";

export interface Target {
  refId: string;
  datasource: Datasource;
  /**
   * trace: `expr` is a trace id. serviceMap: `expr` filters. alerts: `expr` has matchers. panel: see `panelId`.
   * Empty: it cannot be asked, for `reason`.
   */
  language: Language;
  /** With variables. */
  expr: string;
  hide: boolean;
  /** Empty and "__auto": made from the labels. */
  legendFormat: string;
  /** Ask at the end of the range, over it, or (as tables do) both. */
  instant: boolean;
  range: boolean;
  format: "time_series" | "table" | "heatmap" | "logs" | "traces";
  /** Smallest step: a duration or a variable. */
  interval: string;
  intervalFactor: number;
  exemplar: boolean;
  queryType: string;
  direction: "" | "forward" | "backward";
  /** Most lines, traces or spans; null: the usual. */
  limit: number | null;
  panelId: number | null;
  withTransforms: boolean;
  parameters: Record<string, unknown>;
  reason: string;
}

export interface Transformation {
  id: string;
  options: Record<string, unknown>;
  disabled: boolean;
  /** Which frames it is about; null: all. */
  filter: Matcher | null;
  /** Why it is left out; empty when it is not. */
  reason: string;
}

export interface Panel {
  /** Unique. */
  id: number;
  type: PanelType;
  /** As in the file, such as "graph". */
  sourceType: string;
  title: string;
  grid: Grid;
  datasource: Datasource;
  /** Markdown. */
  description: string;
  transparent: boolean;
  repeat: Repeat | null;
  targets: Target[];
  fieldConfig: FieldConfig;
  /** Grafana's options of the type, complete. */
  options: Record<string, unknown>;
  transformations: Transformation[];
  links: Link[];
  maxDataPoints: number | null;
  interval: string;
  /** "6h": a range of its own, from now; and by how much it is earlier. */
  timeFrom: string;
  timeShift: string;
  hideTimeOverride: boolean;
  /** Name of the library panel that it is. */
  library: string;
  /** Why it cannot be shown; empty when it can. */
  reason: string;
}

export interface Row {
  title: string;
  /** false: the panels above the first title. */
  hasHeader: boolean;
  collapsed: boolean;
  repeat: Repeat | null;
  panels: Panel[];
}

export interface Choice {
  text: string;
  /** "$__all" is all of them. */
  value: string;
}

export interface VariableQuery {
  /**
   * labelNames, labelValues: of series (promql), streams (logql) or spans (traceql), by the data source's engine.
   * metrics: names that `expr` matches. queryResult: of the instant query `expr`. series: label sets of `selector`.
   */
  kind: "labelNames" | "labelValues" | "metrics" | "queryResult" | "series" | "";
  label: string;
  /** A selector, perhaps of a name alone; empty: all. */
  selector: string;
  expr: string;
}

export type VariableKind = "query" | "custom" | "interval" | "datasource" | "textbox" | "constant" | "adhoc" | "switch";

export interface Variable {
  name: string;
  kind: VariableKind;
  label: string;
  description: string;
  hide: "" | "label" | "variable";
  multi: boolean;
  includeAll: boolean;
  /** What "All" stands for, as it is; null: all values. */
  allValue: string | null;
  allowCustom: boolean;
  /** Chosen at first. */
  current: Choice[];
  options: Choice[];
  /** Of a data source variable: what can be chosen. */
  engines: Engine[];
  query: VariableQuery | null;
  datasource: Datasource | null;
  /** Takes values from the query's result; its groups `text` and `value` may differ. */
  regex: string;
  sortBy: "none" | "text" | "number" | "textIgnoringCase" | "natural";
  descending: boolean;
  refresh: "never" | "load" | "time";
  /** Of an interval: whether it has "auto" (value "$__auto"), the steps it is to make, and the least. */
  auto: boolean;
  autoCount: number;
  autoMin: string;
  /** Of adhoc: name, operator, value. */
  filters: [string, string, string][];
  skipUrlSync: boolean;
  /** Why it cannot be used; empty when it can. */
  reason: string;
}

export interface Annotation {
  name: string;
  /** promql: a mark where it is above zero. logql: a mark per line. alerts: what fired. */
  language: "promql" | "logql" | "traceql" | "alerts" | "";
  datasource: Datasource;
  expr: string;
  enable: boolean;
  hide: boolean;
  color: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  tagKeys: string[];
  /** The value is the time, in milliseconds. */
  useValueForTime: boolean;
  /** Whether `panels` are those that do not show it; else, unless empty, only they do. */
  exclude: boolean;
  panels: number[];
  reason: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  time: { start: string; end: string };
  /** "10s"; empty: not by itself. */
  refresh: string;
  /** browser, utc or the name of a zone. */
  timezone: string;
  weekStart: string;
  cursor: "off" | "crosshair" | "tooltip";
  links: Link[];
  annotations: Annotation[];
  variables: Variable[];
  rows: Row[];
  schemaVersion: number;
}

/** Something that is wrong or not supported. */
export interface Finding {
  code: string;
  /** error: shows nothing; warning: shows less; info: could be better. */
  severity: "error" | "warning" | "info";
  message: string;
  hint: string;
  /** null: about the whole dashboard. */
  panelId: number | null;
  panelTitle: string;
  refId: string;
}

/** An entry of GET /api/ui/dashboards. */
export interface Entry {
  uid: string;
  title: string;
  folder: string;
  tags: string[];
  url: string;
  file: string;
  /** Put here by people: can be deleted. */
  removable: boolean;
  /** Counts of findings; null while they have not been looked for. */
  problems: { error: number; warning: number; info: number } | null;
}

/** What GET /api/ui/dashboards answers. */
export interface Listing {
  dashboards: Entry[];
  /** Files that cannot be shown, and why. */
  broken: { file: string; line: number; column: number; message: string; hint: string }[];
}

/** What GET /api/ui/dashboards/{uid} answers. */
export interface Answer {
  dashboard: Dashboard;
  problems: Finding[];
  folder: string;
  file: string;
  removable: boolean;
}
