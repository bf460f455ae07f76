// What the server makes of a query: its tree, laid out text, metrics and hints.
import { get } from "./api";
import type { Family } from "./metric_query";
import { queryInstant } from "./prometheus_api";

export interface TreeNode {
  /** The node alone, as a query. */
  text: string;
  /** What it does to its operands; empty for selectors and numbers. */
  label: string;
  type: string;
  children: TreeNode[];
  is_cut: boolean;
}

export interface Explained {
  formatted: string;
  type: string;
  tree: TreeNode;
  metrics: Family[];
  /** Names of the query that nothing is stored of. */
  missing: string[];
  hints: string[];
}

export function explain(query: string, signal?: AbortSignal): Promise<Explained> {
  return get("/api/ui/metrics/explain", { query }, signal);
}

export interface NodeResult {
  series: number;
  ms: number;
  /** Names of labels with how many values each has, most first. */
  labels: [string, number][];
  warnings: string[];
}

/** What a part of a query comes to by itself at a time. */
export async function nodeResult(text: string, at: number): Promise<NodeResult> {
  const began = performance.now();
  const { data, warnings } = await queryInstant(text, at);
  const ms = performance.now() - began;
  const series = data.resultType === "vector" || data.resultType === "matrix" ? data.result : [];
  const values = new Map<string, Set<string>>();
  for (const { metric } of series) for (const [name, value] of Object.entries(metric)) values.set(name, (values.get(name) ?? new Set()).add(value));
  values.delete("__name__");
  const labels = [...values].map(([name, found]): [string, number] => [name, found.size]).sort((a, b) => b[1] - a[1]);
  return { series: data.resultType === "scalar" || data.resultType === "string" ? 1 : series.length, ms, labels, warnings };
}
