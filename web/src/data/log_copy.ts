// The page's query for other programs, and as an alerting rule.
import { isMetric } from "./logql_text";
import { quoted } from "../parts/copy_as";
import type { Window } from "./time_range";

export interface Copied {
  query: string;
  window: Window;
  limit: number;
  newestFirst: boolean;
  /** Where Loki's API is. */
  loki: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function asCurl({ query, window, limit, newestFirst, loki }: Copied): string {
  const direction = newestFirst ? "backward" : "forward";
  return `curl -sG ${loki}/loki/api/v1/query_range --data-urlencode ${quoted(`query=${query}`)} -d start=${Math.round(window.start)}000000 -d end=${Math.round(window.end)}000000 -d limit=${limit} -d direction=${direction}`;
}

export function asLogcli({ query, window, limit, newestFirst, loki }: Copied): string {
  return `logcli --addr=${loki} query --from=${iso(window.start)} --to=${iso(window.end)} --limit=${limit}${newestFirst ? "" : " --forward"} ${quoted(query)}`;
}

export function asAppliance({ query, window, limit, loki }: Copied): string {
  return `appliance query logql ${quoted(query)} --from ${iso(window.start)} --to ${iso(window.end)} --limit ${limit} --addr ${loki}`;
}

/** The path of a link to Grafana's Explore, to be put behind its address. */
export function asExplore({ query, window }: Copied): string {
  const pane = { datasource: "loki", queries: [{ refId: "A", expr: query, queryType: "range", datasource: { type: "loki", uid: "loki" } }], range: { from: String(Math.round(window.start)), to: String(Math.round(window.end)) } };
  return `/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`;
}

export function asMarkdown({ query, window }: Copied, link: string): string {
  return `[Logs from ${iso(window.start)} to ${iso(window.end)}](${link})\n\n\`\`\`logql\n${query}\n\`\`\`\n`;
}

export interface AlertAsked {
  name: string;
  /** Lines within `range` that are too many; of a metric query its value. */
  above: number;
  range: string;
  hold: string;
  severity: string;
}

/** The expression of a rule: lines counted, or the metric query itself. */
export function alertExpr(query: string, asked: AlertAsked): string {
  return isMetric(query) ? `(${query}) > ${asked.above}` : `sum(count_over_time(${query} [${asked.range}])) > ${asked.above}`;
}

/** A rule file as Loki's ruler reads it. */
export function alertRule(query: string, asked: AlertAsked): string {
  const expr = alertExpr(query, asked).split("\n").map((line) => `          ${line}`).join("\n");
  return `groups:
  - name: logs
    rules:
      - alert: ${asked.name}
        expr: |
${expr}
        for: ${asked.hold}
        labels:
          severity: ${asked.severity}
        annotations:
          summary: "More than ${asked.above} in ${asked.range}: {{ $value }}"
`;
}
