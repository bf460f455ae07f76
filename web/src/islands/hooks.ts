// The shared poll and the passing of time as hooks.
import { useEffect, useReducer, useState } from "preact/hooks";
import { overview, type State } from "../data/overview";

/** The latest state of the overview; renders again after every poll. */
export function useOverview(): State {
  const [, again] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => overview.subscribe(() => again()), []);
  return overview.state;
}

/** The server's present in milliseconds, renewed every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(now, overview.state.fetchedAt) + overview.state.skew;
}
