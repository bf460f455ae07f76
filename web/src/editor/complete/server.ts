// Questions to the server for completion: the answers are kept for a minute.
import { get, type Params, url } from "../../data/api";
import type { Range } from "../source";

const KEPT_MS = 60_000;
const MOST_KEPT = 200;
/** Windows are widened to whole half minutes, so that a window that follows the present is asked for once. */
const GRID_MS = 30_000;

/** What a completion is asked with. */
export interface Asking {
  range: Range;
  signal: AbortSignal;
}

interface Kept {
  at: number;
  answer: unknown;
}

const kept = new Map<string, Kept>();

/** An answer, from memory if it is younger than a minute; undefined when the server gives none. */
export async function ask<T>(path: string, params: Params, signal: AbortSignal): Promise<T | undefined> {
  const key = url(path, params);
  const known = kept.get(key);
  if (known && Date.now() - known.at < KEPT_MS) return known.answer as T;
  try {
    const answer = await get<T>(path, params, signal);
    kept.delete(key);
    kept.set(key, { at: Date.now(), answer });
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
    return answer;
  } catch (error) {
    if (signal.aborted) throw error;
    // Half a query may make a selector that the server refuses: then there is nothing to suggest.
    return undefined;
  }
}

/** Forgets every answer. */
export function forget(): void {
  kept.clear();
}

/** The window in seconds, on a grid. */
export function seconds({ start, end }: Range): { start: number; end: number } {
  return { start: (Math.floor(start / GRID_MS) * GRID_MS) / 1000, end: (Math.ceil(end / GRID_MS) * GRID_MS) / 1000 };
}

/** The window in nanoseconds, as Loki takes it. */
export function nanoseconds(range: Range): { start: string; end: string } {
  const { start, end } = seconds(range);
  return { start: `${start}000000000`, end: `${end}000000000` };
}
