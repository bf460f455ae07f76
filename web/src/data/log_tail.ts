// What a live tail holds: bounded, ordered by time, with what came counted.
import { compare, type LogRow, numbered } from "./log_row";

/** Rows that are kept; the oldest go. */
export const MOST_ROWS = 5000;
const RATE_MS = 5000;

export class TailBuffer {
  /** Newest first. */
  rows: LogRow[] = [];
  received = 0;
  /** Lines that the server left out, as this client was too slow for them. */
  dropped = 0;
  /** Rows that came while those shown were held. */
  waiting = 0;
  private arrivals: [number, number][] = [];
  private keys = new Set<string>();

  constructor(private readonly most = MOST_ROWS) {}

  /** Takes rows of one message; `now` in milliseconds. `isHeld`: nobody sees them yet. */
  add(rows: LogRow[], now: number, isHeld: boolean): void {
    const fresh = numbered(rows.filter((row) => !this.keys.has(row.key)));
    if (!fresh.length) return;
    const isInOrder = compare(fresh[0]?.ns ?? "", this.rows[0]?.ns ?? "") >= 0;
    fresh.reverse();
    this.rows = [...fresh, ...this.rows];
    if (!isInOrder || fresh.length > 1) this.rows.sort((a, b) => compare(b.ns, a.ns));
    this.rows.length = Math.min(this.rows.length, this.most);
    this.keys = new Set(this.rows.map((row) => row.key));
    this.received += fresh.length;
    this.arrivals.push([now, fresh.length]);
    if (isHeld) this.waiting += fresh.length;
  }

  /** Lines per second, lately. */
  rate(now: number): number {
    this.arrivals = this.arrivals.filter(([at]) => at > now - RATE_MS);
    return this.arrivals.reduce((sum, [, count]) => sum + count, 0) / (RATE_MS / 1000);
  }
}
