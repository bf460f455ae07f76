// Alerts as the page's server tells them, and what is worked out of them in the browser.

import { count } from "./format";

export interface Watched {
  /** What has the value: the compared side of the expression, else all of it. */
  expr: string;
  op: string;
  threshold: number | null;
}

export interface RuleOfAlert {
  name: string;
  place: string;
  language: "promql" | "logql" | "traceql";
  expr: string;
  link: string;
  watched: Watched;
  value: number | null;
}

export interface AckShown {
  by: string;
  comment: string;
  at: string;
  kind: "alert" | "group";
  key: string;
}

export interface AlertRow {
  fingerprint: string;
  name: string;
  severity: string;
  labels: [string, string][];
  summary: string;
  starts: string;
  starts_ns: number;
  state: string;
  silenced_by: string[];
  inhibited_by: string[];
  muted_by: string[];
  receivers: string[];
  runbook: string;
  source: string;
  silence: string;
  matchers: string;
  service: string;
  logs: string;
  rule: RuleOfAlert | null;
  ack: AckShown | null;
}

export interface ResolvedRow {
  fingerprint: string;
  name: string;
  severity: string;
  labels: [string, string][];
  ended: string;
  ended_ns: number;
}

export interface AlertsDocument {
  total: number;
  matching: number;
  limit: number;
  alerts: AlertRow[];
  resolved: ResolvedRow[];
  matchers: string;
  now_ms: number;
}

/** Colour and shape of a severity; the word stands beside it. */
export function severityKind(severity: string): "bad" | "warn" | "info" | "other" {
  const kinds: Record<string, "bad" | "warn" | "info"> = { critical: "bad", page: "bad", error: "bad", p0: "bad", p1: "bad", warning: "warn", p2: "warn", info: "info", none: "info", p3: "info", p4: "info" };
  return kinds[severity.toLowerCase()] ?? "other";
}

/** `name="value"`, quoted as matchers are read. */
export function matcher(name: string, value: string, op: "=" | "!=" | "=~" | "!~" = "="): string {
  const text = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const key = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
  return `${key}${op}"${text}"`;
}

/** Matchers of a text such as `{a="b",c=~"d,e"}`, each on its own; commas within quotes separate nothing. */
export function splitMatchers(text: string): string[] {
  const inner = text.trim().replace(/^\{/, "").replace(/\}$/, "");
  const found: string[] = [];
  let at = "";
  let isQuoted = false;
  for (let i = 0; i < inner.length; i += 1) {
    const char = inner[i] ?? "";
    if (char === "\\" && isQuoted) {
      at += char + (inner[i + 1] ?? "");
      i += 1;
      continue;
    }
    if (char === '"') isQuoted = !isQuoted;
    if (char === "," && !isQuoted) {
      found.push(at);
      at = "";
    } else at += char;
  }
  found.push(at);
  return found.map((one) => one.trim()).filter(Boolean);
}

/** Adds a matcher; one that says the opposite of the same pair goes. */
export function withMatcher(text: string, name: string, value: string, isExcluded: boolean): string {
  const opposite = matcher(name, value, isExcluded ? "=" : "!=");
  const added = matcher(name, value, isExcluded ? "!=" : "=");
  const kept = splitMatchers(text).filter((one) => one !== opposite && one !== added);
  return `{${[...kept, added].join(",")}}`;
}

export interface AlertGroup<T> {
  /** The label's value; empty where the alerts have no such label. */
  value: string;
  rows: T[];
}

/** Rows by the value of a label, in the order in which values come first. */
export function groupedBy<T extends { name: string; severity: string; labels: readonly (readonly [string, string])[] }>(rows: readonly T[], label: string): AlertGroup<T>[] {
  if (!label) return [{ value: "", rows: [...rows] }];
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const value = labelOf(row, label);
    const known = found.get(value);
    if (known) known.push(row);
    else found.set(value, [row]);
  }
  return [...found].map(([value, members]) => ({ value, rows: members }));
}

export function labelOf(row: { name: string; severity: string; labels: readonly (readonly [string, string])[] }, label: string): string {
  if (label === "alertname") return row.name;
  if (label === "severity") return row.severity;
  return row.labels.find(([name]) => name === label)?.[1] ?? "";
}

/** Labels worth grouping by: those that several alerts have, with more than one value, the most common first. */
export function groupLabels(rows: readonly AlertRow[]): string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const row of rows) {
    for (const [name, value] of [...row.labels, ["alertname", row.name] as const, ["severity", row.severity] as const]) {
      if (!value) continue;
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(name, values);
    }
  }
  const size = (name: string): number => [...(counts.get(name)?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  const first = ["alertname", "severity", "service"];
  const others = [...counts.keys()].filter((name) => !first.includes(name)).sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1));
  return [...first.filter((name) => counts.has(name)), ...others].slice(0, 12);
}

/** A number with at most four digits that count. */
export function figure(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || (value !== 0 && magnitude < 1e-3)) return value.toExponential(2).replace("e+", "e");
  if (magnitude >= 10_000) return count(value);
  return String(Number(value.toPrecision(4)));
}

/** The series that an alert was made of: every label but the name is one of the alert's. */
export function seriesOf<T extends { metric: Record<string, string> }>(found: readonly T[], row: { labels: readonly (readonly [string, string])[]; name: string; severity: string }): T | null {
  if (found.length === 1) return found[0] ?? null;
  let best: T | null = null;
  let most = -1;
  for (const one of found) {
    const pairs = Object.entries(one.metric).filter(([name]) => name !== "__name__");
    if (!pairs.every(([name, value]) => labelOf(row, name) === value)) continue;
    if (pairs.length > most) [best, most] = [one, pairs.length];
  }
  return best;
}

export interface Held {
  rows: AlertRow[];
  /** Alerts that fire now and are not shown yet. */
  added: number;
  /** Alerts that are shown and do not fire any more. */
  gone: number;
}

/** The rows that are shown with what is known of them now: none comes, goes or moves. */
export function held(shown: readonly AlertRow[], latest: readonly AlertRow[]): Held {
  const known = new Map(latest.map((row) => [row.fingerprint, row]));
  const rows = shown.map((row) => known.get(row.fingerprint) ?? row);
  const gone = shown.filter((row) => !known.has(row.fingerprint)).length;
  return { rows, added: latest.length - (shown.length - gone), gone };
}
