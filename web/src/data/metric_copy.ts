// A panel of the metrics page for other places: a terminal, Grafana, a rule file.
import { quoted } from "../parts/copy_as";
import type { Panel } from "./panels";

export interface Asked {
  expr: string;
  /** Seconds. */
  start: number;
  end: number;
  step: number;
  isGraph: boolean;
}

/** Commands that ask the same. */
export function commands(origin: string, { expr, start, end, step, isGraph }: Asked): { name: string; text: string }[] {
  const query = `--data-urlencode ${quoted(`query=${expr}`)}`;
  return [
    { name: "curl", text: isGraph ? `curl -sG ${origin}/api/v1/query_range ${query} -d start=${start} -d end=${end} -d step=${step}` : `curl -sG ${origin}/api/v1/query ${query} -d time=${end}` },
    { name: "promtool", text: isGraph ? `promtool query range --start=${start} --end=${end} --step=${step}s ${origin} ${quoted(expr)}` : `promtool query instant --time=${end} ${origin} ${quoted(expr)}` },
    { name: "appliance", text: isGraph ? `appliance query promql ${quoted(expr)} --from ${start} --to ${end} --step ${step}s --addr ${origin}` : `appliance query promql ${quoted(expr)} --time ${end} --addr ${origin}` },
  ];
}

/** A panel of a Grafana dashboard. */
export function grafanaPanel({ expr, tab, form, isFromZero }: Panel, { title, unit, id = 1 }: { title: string; unit: string; id?: number }): Record<string, unknown> {
  const type = tab === "table" ? "table" : form === "heatmap" ? "heatmap" : "timeseries";
  const datasource = { type: "prometheus", uid: "${DS_PROMETHEUS}" };
  const custom = type === "timeseries" && form === "stacked" ? { custom: { fillOpacity: 35, stacking: { mode: "normal", group: "A" } } } : {};
  return {
    id,
    type,
    title,
    datasource,
    gridPos: { x: 0, y: 0, w: 12, h: 9 },
    targets: [{ refId: "A", datasource, expr, ...(type === "table" ? { instant: true, format: "table" } : { range: true }), ...(type === "heatmap" ? { format: "heatmap" } : {}) }],
    fieldConfig: { defaults: { ...(unit ? { unit } : {}), ...(isFromZero ? { min: 0 } : {}), ...custom }, overrides: [] },
    options: {},
  };
}

/** A dashboard with one panel more, below the others. */
export function withPanel(dashboard: Record<string, unknown>, panel: Record<string, unknown>): Record<string, unknown> {
  const panels = Array.isArray(dashboard.panels) ? (dashboard.panels as { id?: number; gridPos?: { y?: number; h?: number } }[]) : [];
  const bottom = Math.max(0, ...panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
  const id = Math.max(0, ...panels.map((one) => one.id ?? 0)) + 1;
  return { ...dashboard, panels: [...panels, { ...panel, id, gridPos: { x: 0, y: bottom, w: 12, h: 9 } }] };
}

export interface RuleAsked {
  name: string;
  operator: string;
  threshold: string;
  hold: string;
  severity: string;
}

/** Whether a query compares at its end already, so that it is an alert's condition as it stands. */
export function isCondition(expr: string): boolean {
  return /(>=|<=|==|!=|>|<)\s*(?!bool\b)-?[\d.]+(e[+-]?\d+)?\s*\)*\s*$/i.test(expr) || /^\s*absent(_over_time)?\s*\(/.test(expr);
}

/** The condition of the rule. */
export function ruleExpr(expr: string, { operator, threshold }: RuleAsked): string {
  if (isCondition(expr)) return expr;
  // A comparison binds tighter than `and`, `or` and other comparisons.
  const inner = /\b(and|or|unless)\b|[<>=]=?/.test(expr.replace(/\{[^}]*\}/g, "")) ? `(${expr})` : expr;
  return `${inner} ${operator} ${threshold.trim() || "0"}`;
}

/** A rule file with the one rule. */
export function ruleYaml(expr: string, asked: RuleAsked): string {
  const text = ruleExpr(expr, asked);
  const lines = text.includes("\n") ? ["        expr: |", ...text.split("\n").map((line) => `          ${line}`)] : [`        expr: ${scalar(text)}`];
  return [
    "groups:",
    "  - name: explored",
    "    rules:",
    `      - alert: ${scalar(asked.name)}`,
    ...lines,
    ...(asked.hold.trim() && asked.hold.trim() !== "0" ? [`        for: ${asked.hold.trim()}`] : []),
    "        labels:",
    `          severity: ${scalar(asked.severity)}`,
    "        annotations:",
    `          summary: ${scalar(`${asked.name}: {{ $value }}`)}`,
    "",
  ].join("\n");
}

/** Plain where YAML reads it as a text of one line, else in single quotes. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w()[\]*/+.<>=~ -]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) && !text.endsWith(" ") ? text : `'${text.replaceAll("'", "''")}'`;
}

/** A name for an alert or a panel: the words of the first metric in the query. */
export function titleOf(expr: string): string {
  const names = [...expr.matchAll(/[A-Za-z_:][\w:]*(?=\s*[{[]|\s*$|\s*[)+*/<>=-])/g)].map(([name]) => name);
  const name = names.find((one) => one.includes("_")) ?? names[0] ?? "Query";
  return name.split(/[_:]+/).filter(Boolean).map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
}
