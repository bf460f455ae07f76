// Two traces side by side, as `/api/ui/traces/A/compare/B` answers, and which rows of it tell most.
import { get } from "./api";

export interface Side {
  span_id: string;
  /** From the start of its trace. */
  start_ns: number;
  duration_ns: number;
  is_error: boolean;
}

export interface CompareRow {
  depth: number;
  service: string;
  name: string;
  first: Side | null;
  second: Side | null;
  change_ns: number | null;
}

export interface TraceFacts {
  trace_id: string;
  start_ns: string;
  duration_ns: number;
  spans: number;
  errors: number;
}

export interface Comparison {
  first: TraceFacts;
  second: TraceFacts;
  counts: { both: number; only_first: number; only_second: number; slower: number; faster: number };
  rows: CompareRow[];
}

export function compareTraces(a: string, b: string, signal?: AbortSignal): Promise<Comparison> {
  return get<Comparison>(`/api/ui/traces/${encodeURIComponent(a)}/compare/${encodeURIComponent(b)}`, {}, signal);
}

export type Kind = "first" | "second" | "slower" | "faster" | "same" | "errors";

/** Changes below this share of the longer trace, or this share of the span, are noise. */
const NOISE_OF_TRACE = 0.005;
const NOISE_OF_SPAN = 0.1;

/** What a row says. */
export function kindOf(row: CompareRow, whole: number): Kind {
  if (!row.second) return "first";
  if (!row.first) return "second";
  return row.first.is_error === row.second.is_error ? changeOf(row, whole) : "errors";
}

/** Whether a span that both have got slower or faster. */
export function changeOf(row: CompareRow, whole: number): "slower" | "faster" | "same" {
  const change = row.change_ns ?? 0;
  if (Math.abs(change) < whole * NOISE_OF_TRACE || Math.abs(change) < (row.first?.duration_ns ?? 0) * NOISE_OF_SPAN) return "same";
  return change > 0 ? "slower" : "faster";
}

/** Rows of some kinds, and what leads to them. */
export function rowsWith(rows: readonly CompareRow[], keeps: (row: CompareRow) => boolean): CompareRow[] {
  const kept = new Array<boolean>(rows.length).fill(false);
  const way: number[] = [];
  rows.forEach((row, i) => {
    way.length = row.depth;
    if (keeps(row)) {
      kept[i] = true;
      for (const above of way) kept[above] = true;
    }
    way[row.depth] = i;
  });
  return rows.filter((_, i) => kept[i]);
}
