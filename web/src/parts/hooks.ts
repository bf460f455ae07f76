// Loading data for a component: superseded requests are aborted, the old result stays meanwhile.
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../data/api";
import { reason } from "../data/overview";

export interface Loaded<T> {
  /** The last good result; stays, to be shown dimmed, when a later request fails. */
  data: T | null;
  error: string | null;
  isLoading: boolean;
}

/**
 * Calls `load` at first and whenever a dependency changes. `null` as load means: nothing to ask for.
 * When `key` changes the old result is dropped instead of kept.
 */
export function useLoad<T>(load: ((signal: AbortSignal) => Promise<T>) | null, dependencies: readonly unknown[], key = ""): Loaded<T> {
  const [state, set] = useState<Loaded<T>>({ data: null, error: null, isLoading: load !== null });
  const shown = useRef(key);
  useEffect(() => {
    if (!load) {
      set({ data: null, error: null, isLoading: false });
      return undefined;
    }
    const abort = new AbortController();
    const isNew = shown.current !== key;
    shown.current = key;
    set((before) => ({ data: isNew ? null : before.data, error: isNew ? null : before.error, isLoading: true }));
    load(abort.signal).then(
      (data) => abort.signal.aborted || set({ data, error: null, isLoading: false }),
      (error: unknown) => abort.signal.aborted || isAbort(error) || set((before) => ({ ...before, error: reason(error), isLoading: false })),
    );
    return () => abort.abort();
  }, [...dependencies, key]);
  return state;
}
