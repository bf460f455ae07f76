// What `/services.json`, `/services/NAME.json` and `/map.json` answer.
import { get } from "./api";
import type { Window } from "./time_range";

export type Signal = "traces" | "logs" | "metrics";

export interface ServiceFigures {
  service: string;
  spans: number;
  requests: number;
  errors: number;
  /** No span came from outside, so all of them count as requests. */
  is_every_span: boolean;
  p50_ns: number;
  p95_ns: number;
  p99_ns: number;
  max_ns: number;
  calls_over_time: number[];
  errors_over_time: number[];
  last_ns: string;
  /** Version and the start of its first span. */
  versions: [string, string][];
  rate: number;
  error_ratio: number;
}

/** A service of the list; without figures when it has no spans in the window. */
export type ServiceRow = { service: string; signals: Signal[] } & Partial<ServiceFigures>;

export interface ServicesAnswer {
  start_ms: number;
  end_ms: number;
  services: ServiceRow[];
}

export interface OperationFigures {
  service: string;
  name: string;
  kind: string;
  calls: number;
  errors: number;
  mean_ns: number;
  p50_ns: number;
  p95_ns: number;
  p99_ns: number;
  max_ns: number;
  rate: number;
  error_ratio: number;
}

export interface Edge {
  parent: string;
  child: string;
  calls: number;
  errors: number;
  p50_ns: number;
  p95_ns: number;
  p99_ns: number;
  max_ns: number;
  rate: number;
  error_ratio: number;
}

export interface ServiceAnswer {
  service: string;
  start_ms: number;
  end_ms: number;
  figures: ServiceFigures | null;
  latency?: { p50_ns: (number | null)[]; p95_ns: (number | null)[]; p99_ns: (number | null)[] };
  operations: OperationFigures[];
  operation_count?: number;
  callers?: Edge[];
  callees?: Edge[];
  logs?: { label: string; selector: string }[];
  metrics?: { label: string; selector: string; names: string[] }[];
}

export interface MapAnswer {
  start_ms: number;
  end_ms: number;
  services: ServiceFigures[];
  edges: Edge[];
  edge_count?: number;
}

const bounds = ({ start, end }: Window): { from: number; to: number } => ({ from: Math.round(start), to: Math.round(end) });

export const loadServices = (window: Window, signal?: AbortSignal): Promise<ServicesAnswer> => get("/services.json", bounds(window), signal);
export const loadMap = (window: Window, signal?: AbortSignal): Promise<MapAnswer> => get("/map.json", bounds(window), signal);
export const loadService = (name: string, window: Window, signal?: AbortSignal): Promise<ServiceAnswer> => get(`/services/${encodeURIComponent(name)}.json`, bounds(window), signal);

/** An error ratio as people read it: nothing is `0 %`, little is not rounded to it. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return "0 %";
  if (value < 0.1) return "<0.1 %";
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

export const COLUMNS = [
  ["service", "Service"],
  ["rate", "Requests/s"],
  ["error_ratio", "Errors"],
  ["p50_ns", "p50"],
  ["p95_ns", "p95"],
  ["p99_ns", "p99"],
] as const;

export type Column = (typeof COLUMNS)[number][0];

/** Rows by a column, the largest first (names ascending); rows without figures come last. */
export function sortedBy(rows: readonly ServiceRow[], column: string): ServiceRow[] {
  const key = COLUMNS.find(([name]) => name === column)?.[0] ?? "rate";
  if (key === "service") return [...rows].sort((a, b) => a.service.localeCompare(b.service));
  return [...rows].sort((a, b) => (b[key] ?? -1) - (a[key] ?? -1) || a.service.localeCompare(b.service));
}
