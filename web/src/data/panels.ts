// Panels of the metrics page in the address, spelled as Prometheus' own links have them (`g0.expr=…`).
import { printRange, parseRange } from "./url";

export type PanelTab = "graph" | "table" | "explain";
export type PanelForm = "lines" | "stacked" | "heatmap";
export type Density = "low" | "medium" | "high";

/** Points over the window, as Prometheus counts them. */
export const DENSITIES: Record<Density, number> = { low: 100, medium: 250, high: 1000 };

export interface Panel {
  expr: string;
  tab: PanelTab;
  form: PanelForm;
  /** Seconds; null: by the length of the window and the density. */
  step: number | null;
  density: Density;
  /** The parse tree is shown above the result. */
  hasTree: boolean;
  hasExemplars: boolean;
  isFromZero: boolean;
}

export const BLANK: Panel = { expr: "", tab: "graph", form: "lines", step: null, density: "medium", hasTree: false, hasExemplars: false, isFromZero: false };

const TABS: Record<string, PanelTab> = { "0": "graph", "1": "table", graph: "graph", table: "table", explain: "explain" };
const FORMS: Record<string, PanelForm> = { lines: "lines", stacked: "stacked", heatmap: "heatmap" };

/** All panels of an address; at least one. */
export function readPanels(params: URLSearchParams): Panel[] {
  const panels: Panel[] = [];
  for (let i = 0; hasPanel(params, i); i += 1) panels.push(readPanel(params, `g${i}.`));
  return panels.length ? panels : [{ ...BLANK, expr: params.get("q") ?? "" }];
}

function hasPanel(params: URLSearchParams, index: number): boolean {
  return [...params.keys()].some((name) => name.startsWith(`g${index}.`));
}

function readPanel(params: URLSearchParams, prefix: string): Panel {
  const get = (name: string): string => params.get(prefix + name) ?? "";
  const isFixed = get("res_type") === "fixed" || get("res_type") === "custom";
  const resolution = isFixed ? get("res_step") : get("step_input");
  return {
    expr: get("expr"),
    // A link of the old interface without a tab meant the table; ours always names one.
    tab: TABS[get("tab")] ?? "graph",
    form: FORMS[get("display_mode")] ?? (get("stacked") === "1" ? "stacked" : "lines"),
    step: parseRange(resolution),
    density: (["low", "high"] as const).find((name) => name === get("res_density")) ?? "medium",
    hasTree: get("show_tree") === "1",
    hasExemplars: get("show_exemplars") === "1",
    isFromZero: get("y_axis_min") === "zero",
  };
}

/** The window that an old link asks for, in the words of `from` and `to`; null when it names none. */
export function readWindow(params: URLSearchParams): { from: string; to: string } | null {
  const range = parseRange(params.get("g0.range_input") ?? "");
  if (range === null || params.has("from")) return null;
  const end = params.get("g0.end_input") || params.get("g0.moment_input");
  const until = end ? Date.parse(`${end.trim().replace(" ", "T")}${/Z$|[+-]\d\d:?\d\d$/.test(end) ? "" : "Z"}`) : Number.NaN;
  if (Number.isNaN(until)) return { from: `now-${printRange(range)}`, to: "now" };
  return { from: String(until - range * 1000), to: String(until) };
}

/** The address's query with these panels in place of those that it has. */
export function writePanels(search: string, panels: readonly Panel[], range: { seconds: number; end: number | null }): string {
  const params = new URLSearchParams(search);
  for (const name of [...params.keys()]) if (/^g\d+\./.test(name) || name === "q") params.delete(name);
  const isBlank = panels.length === 1 && panels[0]?.expr === "";
  if (!isBlank) panels.forEach((panel, i) => writePanel(params, `g${i}.`, panel, range));
  const text = params.toString();
  return text && `?${text}`;
}

function writePanel(params: URLSearchParams, prefix: string, panel: Panel, range: { seconds: number; end: number | null }): void {
  const set = (name: string, value: string | null): void => {
    if (value !== null) params.set(prefix + name, value);
  };
  set("expr", panel.expr);
  set("tab", panel.tab);
  set("display_mode", panel.form === "lines" ? null : panel.form);
  set("stacked", panel.form === "stacked" ? "1" : null);
  set("range_input", printRange(range.seconds));
  set("end_input", range.end === null ? null : new Date(range.end).toISOString().slice(0, 19).replace("T", " "));
  set("res_type", panel.step !== null ? "fixed" : panel.density === "medium" ? null : "auto");
  set("res_density", panel.density === "medium" ? null : panel.density);
  set("res_step", panel.step === null ? null : String(panel.step));
  set("show_tree", panel.hasTree ? "1" : null);
  set("show_exemplars", panel.hasExemplars ? "1" : null);
  set("y_axis_min", panel.isFromZero ? "zero" : null);
}
