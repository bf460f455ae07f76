// A trace as the server sends it: one array per field, times in nanoseconds from its start.
import { get } from "./api";

export interface SpanExtra {
  events?: number[];
  links?: number;
  /** A word for what it did: a status code, a database. */
  saying?: string;
  /** Of the status. */
  message?: string;
}

export interface TraceSummary {
  root_service: string;
  root_name: string;
  /** Whether the first span is one without a parent. */
  has_root: boolean;
  start_ns: string;
  duration_ns: number;
  span_count: number;
  error_count: number;
  /** Service, spans, errors, in the order of their first span. */
  service_counts: [string, number, number][];
}

export interface TraceData extends TraceSummary {
  trace_id: string;
  /** More than `span_count` when the trace is cut. */
  total: number;
  texts: string[];
  ids: string[];
  parents: number[];
  services: number[];
  names: number[];
  kinds: number[];
  starts: number[];
  durations: number[];
  errors: number[];
  orphans: number[];
  extras: Record<string, SpanExtra>;
  versions: Record<string, string[]>;
}

/** Kinds by OTLP's number. */
export const KINDS = ["", "internal", "server", "client", "producer", "consumer"] as const;

export const serviceOf = (trace: TraceData, place: number): string => trace.texts[trace.services[place] ?? -1] ?? "";
export const nameOf = (trace: TraceData, place: number): string => trace.texts[trace.names[place] ?? -1] ?? "";
export const startOf = (trace: TraceData, place: number): number => trace.starts[place] ?? 0;
export const durationOf = (trace: TraceData, place: number): number => trace.durations[place] ?? 0;
export const endOf = (trace: TraceData, place: number): number => startOf(trace, place) + durationOf(trace, place);

export function loadTrace(id: string, signal?: AbortSignal): Promise<TraceData> {
  return get<TraceData>(`/traces/${id}.json`, {}, signal);
}

export interface PathSection {
  span_id: string;
  start_ns: string;
  end_ns: string;
}

/** Sections of the critical path. */
export async function loadPath(id: string, signal?: AbortSignal): Promise<PathSection[]> {
  return (await get<{ sections: PathSection[] }>(`/api/ui/traces/${id}/critical-path`, {}, signal)).sections;
}

/** Ids of the spans that have a text anywhere, or `key=value`. */
export function findInTrace(id: string, text: string, signal?: AbortSignal): Promise<{ spans: string[]; is_partial: boolean }> {
  return get(`/api/ui/traces/${id}/find`, { q: text }, signal);
}
