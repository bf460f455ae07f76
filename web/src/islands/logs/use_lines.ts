// Lines of the query, page by page as they are scrolled to.
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../../data/api";
import { joined, type LogRow, rowsOf } from "../../data/log_row";
import { boundsOf, lines } from "../../data/loki_api";
import { reason } from "../../data/overview";
import type { Window } from "../../data/time_range";

export interface LinesAsked {
  query: string;
  window: Window;
  tick: number;
  limit: number;
  newestFirst: boolean;
}

export interface Lines {
  rows: readonly LogRow[];
  /** Null until the first answer. */
  answered: string | null;
  error: string | null;
  isLoading: boolean;
  /** What is shown is not what was asked for. */
  isStale: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => void;
}

/** Larger pages than this the server refuses. */
const MOST = 5000;
/** Rows that are kept in memory. */
export const MOST_SHOWN = 50_000;

interface State {
  rows: readonly LogRow[];
  answered: string | null;
  error: string | null;
  isLoading: boolean;
  hasMore: boolean;
}

const NOTHING: State = { rows: [], answered: null, error: null, isLoading: true, hasMore: false };

/**
 * `asked` null: there is nothing to ask for. `first` are lines of the first question that the page came
 * with; they are shown until its answer is here.
 */
export function useLines(asked: LinesAsked | null, first: () => readonly LogRow[]): Lines {
  const [state, set] = useState<State>(() => ({ ...NOTHING, rows: asked ? first() : [], isLoading: asked !== null }));
  const [isLoadingMore, setLoadingMore] = useState(false);
  const next = useRef<AbortController | null>(null);
  const key = asked && JSON.stringify(asked);

  useEffect(() => {
    next.current?.abort();
    setLoadingMore(false);
    if (!asked) {
      set({ ...NOTHING, isLoading: false });
      return undefined;
    }
    const abort = new AbortController();
    set((before) => ({ ...before, isLoading: true }));
    lines(asked.query, boundsOf(asked.window), asked, abort.signal).then(
      ({ streams }) => {
        if (abort.signal.aborted) return;
        const rows = rowsOf(streams, asked.newestFirst);
        set({ rows, answered: asked.query, error: null, isLoading: false, hasMore: rows.length >= asked.limit });
      },
      (error: unknown) => abort.signal.aborted || isAbort(error) || set((before) => ({ ...before, error: reason(error), isLoading: false })),
    );
    return () => abort.abort();
  }, [key]);

  const more = (): void => {
    const last = state.rows.at(-1);
    if (!asked || !last || !state.hasMore || state.error !== null || state.isLoading || isLoadingMore || state.rows.length >= MOST_SHOWN) return;
    const abort = new AbortController();
    next.current = abort;
    setLoadingMore(true);
    following(asked, state.rows, last.ns, abort.signal).then(
      ({ rows, hasMore }) => {
        if (abort.signal.aborted) return;
        set((before) => ({ ...before, rows, hasMore }));
        setLoadingMore(false);
      },
      (error: unknown) => {
        if (abort.signal.aborted || isAbort(error)) return;
        set((before) => ({ ...before, error: reason(error), hasMore: false }));
        setLoadingMore(false);
      },
    );
  };
  const isStale = state.error !== null || (state.answered !== null && state.answered !== asked?.query);
  return { ...state, isStale, isLoadingMore, more };
}

/** The page behind `last`; it begins with that nanosecond again, of which there may be more. */
async function following(asked: LinesAsked, shown: readonly LogRow[], last: string, signal: AbortSignal): Promise<{ rows: LogRow[]; hasMore: boolean }> {
  const whole = boundsOf(asked.window);
  const bounds = asked.newestFirst ? { start: whole.start, end: String(BigInt(last) + 1n) } : { start: last, end: whole.end };
  for (let limit = asked.limit; ; limit = Math.min(MOST, limit * 2)) {
    const { streams } = await lines(asked.query, bounds, { ...asked, limit }, signal);
    const found = rowsOf(streams, asked.newestFirst);
    const rows = joined(shown, found);
    if (rows.length > shown.length || found.length < limit || limit >= MOST) return { rows, hasMore: found.length >= limit && rows.length > shown.length };
  }
}
