// What the server drew a page from is the first answer to what its island asks for.
import { useRef } from "preact/hooks";
import { type Loaded, useLoad } from "./hooks";

/**
 * As `useLoad`, but shows `given` at once and asks only when something changes.
 * `given` is null when the server gave up waiting; then it is asked at once.
 */
export function useServed<T>(given: T | null, load: (signal: AbortSignal) => Promise<T>, dependencies: readonly unknown[]): Loaded<T> {
  const first = useRef(given);
  const loaded = useLoad(async (signal) => {
    const known = first.current;
    first.current = null;
    return known ?? load(signal);
  }, dependencies);
  if (loaded.data === null && given !== null) return { data: given, error: loaded.error, isLoading: false };
  return loaded;
}
