// What `/api/ui/overview` answers, and the one poll of it that all islands share.

export interface Tile {
  name: "metrics" | "logs" | "traces";
  unit: string;
  active_unit: string;
  received_total: number;
  rate_per_second: number;
  /** Since the start; null when nothing came in yet. */
  last_seen_ms: number | null;
  /** Whether anything ever came in, if before the last start. */
  has_data: boolean;
  active: number;
  rejected_total: number;
  disk_bytes: number;
}

export interface LogRow {
  /** A string: nanoseconds exceed a double's integers. */
  timestamp_ns: string;
  service: string;
  level: string;
  line: string;
  labels: Record<string, string>;
}

export interface TraceRow {
  trace_id: string;
  root_service: string;
  root_name: string;
  start_ns: string;
  duration_ns: number;
  span_count: number;
  error_count: number;
}

export interface Firing {
  /** Alerts that fire and are not held back. */
  total: number;
  held_back: number;
  /** The worst first. */
  severities: [string, number][];
  alerts: { fingerprint: string; name: string; severity: string; summary: string; starts_ms: number }[];
}

export interface BusyService {
  service: string;
  /** Requests per second. */
  rate: number;
  error_ratio: number;
  p95_ns: number;
  calls_over_time: number[];
  /** Empty when there was none. */
  errors_over_time: number[];
}

export interface Busiest {
  /** Length of the window. */
  minutes: number;
  /** Services with requests, of which `rows` are the busiest; null until it is known. */
  total: number | null;
  rows: BusyService[];
}

export interface Snapshot {
  /** Null where traces are not served. */
  services?: Busiest | null;
  disk?: { used_bytes: number; budget_bytes: number } | null;
  /** Null where alerts are not served. */
  firing?: Firing | null;
  tiles: Tile[];
  lines: LogRow[];
  traces: TraceRow[];
  metrics: string[];
  now_ms: number;
}

export interface State {
  snapshot: Snapshot;
  /** Rates per tile of the last polls, oldest first. */
  history: Record<string, number[]>;
  /** Why the last poll failed; null when it worked. The snapshot is then the last good one. */
  error: string | null;
  /** Browser's clock at the last good poll, in milliseconds. */
  fetchedAt: number;
  /** Server's clock minus the browser's, in milliseconds. */
  skew: number;
}

const EMPTY: Snapshot = { tiles: [], lines: [], traces: [], metrics: [], now_ms: 0 };
const KEPT = 60;

/** Polls while the page is visible, and tells listeners after every poll. */
export class OverviewStore {
  state: State = { snapshot: EMPTY, history: {}, error: null, fetchedAt: 0, skew: 0 };
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isPolling = false;

  constructor(private readonly url = "/api/ui/overview", private readonly everyMs = 2000, private readonly waitingMs = 500) {}

  /** Starts from a snapshot that came with the page. */
  start(snapshot: Snapshot): void {
    this.accept(snapshot);
    document.addEventListener("visibilitychange", () => void this.poll());
    this.plan();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks now; the next poll follows by itself. */
  async poll(): Promise<void> {
    clearTimeout(this.timer);
    if (document.hidden || this.isPolling) return;
    this.isPolling = true;
    try {
      const response = await fetch(this.url, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      this.accept((await response.json()) as Snapshot);
    } catch (error) {
      this.state = { ...this.state, error: reason(error) };
    }
    this.isPolling = false;
    for (const listener of this.listeners) listener();
    this.plan();
  }

  /** Somebody who sends the first of a signal looks at the page: it is told within a second. */
  private plan(): void {
    const { tiles, services } = this.state.snapshot;
    const isWaiting = this.state.error === null && (tiles.some((tile) => tile.last_seen_ms === null) || services?.total === null);
    this.timer = setTimeout(() => void this.poll(), isWaiting ? this.waitingMs : this.everyMs);
  }

  private accept(snapshot: Snapshot): void {
    const history = { ...this.state.history };
    for (const tile of snapshot.tiles) history[tile.name] = [...(history[tile.name] ?? []), tile.rate_per_second].slice(-KEPT);
    const now = Date.now();
    this.state = { snapshot, history, error: null, fetchedAt: now, skew: snapshot.now_ms - now };
  }
}

/** An error in words for people. */
export function reason(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return "the server did not answer in time";
  if (error instanceof TypeError) return "the server cannot be reached";
  return error instanceof Error ? error.message : String(error);
}

export const overview = new OverviewStore();
