// Rules as the page's server tells them.
import type { Watched } from "./alerts";

export interface RuleRow {
  name: string;
  is_alert: boolean;
  language: "promql" | "logql" | "traceql";
  expr: string;
  state: string;
  health: string;
  error: string;
  place: string;
  hold_seconds: number;
  keep_firing_seconds: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  last_ms: number;
  seconds: number;
  pending: number;
  firing: number;
  link: string;
  watched: Watched;
}

export interface RuleGroupRow {
  name: string;
  file: string;
  language: "promql" | "logql" | "traceql";
  interval_seconds: number;
  last_ms: number;
  seconds: number;
  rules: RuleRow[];
  count: number;
}

export interface RulesDocument {
  groups: RuleGroupRow[];
  counts: Record<string, number>;
  matching: number;
  shown: number;
  now_ms: number;
}

/** What is worth knowing of a group at a glance; null when all is well. */
export function stateBadge(group: RuleGroupRow): { kind: "bad" | "warn"; text: string } | null {
  const broken = group.rules.filter((rule) => rule.health === "err").length;
  if (broken) return { kind: "bad", text: `${broken} with errors` };
  if (group.seconds > group.interval_seconds) return { kind: "warn", text: "slower than its interval" };
  return null;
}

/** A test of a rule, to be filled in, as `appliance test rules` and `promtool test rules` read it. */
export function unitTest(rule: RuleRow, file: string): string {
  const labels = Object.entries(rule.labels).map(([name, value]) => `              ${name}: ${JSON.stringify(value)}`);
  return [
    "rule_files:",
    `  - ${file}`,
    "tests:",
    "  - interval: 1m",
    "    input_series:",
    `      - series: 'METRIC{job="x"}'`,
    "        values: '0x5 100x20'",
    "    alert_rule_test:",
    "      - eval_time: 20m",
    `        alertname: ${rule.name}`,
    "        exp_alerts:",
    "          - exp_labels:",
    ...(labels.length ? labels : ["              job: x"]),
    "",
  ].join("\n");
}
