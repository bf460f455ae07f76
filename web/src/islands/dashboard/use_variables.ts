// The variables of a dashboard as they are now: choices asked of the server, chosen values from the address.
import { useEffect, useRef, useState } from "preact/hooks";
import { type AdhocFilter, filtersOf } from "../../dashboard/adhoc";
import { builtIn, type Value } from "../../dashboard/interpolate";
import { SCRAPE_MS } from "../../dashboard/run";
import { chosenOf, fromAddress, optionsOf, ordered, type Resolved, valueOf } from "../../dashboard/variables";
import type { Choice, Dashboard } from "../../dashboard/types";
import { isAbort } from "../../data/api";
import { reason } from "../../data/overview";
import type { Window } from "../../data/time_range";

export interface Variables {
  resolved: Resolved[];
  values: Map<string, Value>;
  filters: AdhocFilter[];
}

/** null until they are known for the first time. */
export function useVariables(dashboard: Dashboard, params: URLSearchParams, window: Window): Variables | null {
  const [state, set] = useState<Variables | null>(null);
  const cache = useRef(new Map<string, Choice[]>());
  const asked = dashboard.variables.map(({ name }) => fromAddress(params, name));
  const moves = dashboard.variables.some(({ refresh, kind }) => refresh === "time" || kind === "interval");
  const key = JSON.stringify([asked, moves ? [window.start, window.end] : 0]);
  useEffect(() => {
    const abort = new AbortController();
    resolve(dashboard, params, window, { cache: cache.current, signal: abort.signal }).then(
      // The same outcome keeps its identity, so that nothing is drawn again.
      (next) => abort.signal.aborted || set((before) => (before && JSON.stringify(before.resolved) === JSON.stringify(next.resolved) && sameValues(before.values, next.values) ? before : next)),
      (error: unknown) => {
        if (!isAbort(error)) throw error;
      },
    );
    return () => abort.abort();
  }, [key]);
  return state;
}

const sameValues = (a: Map<string, Value>, b: Map<string, Value>): boolean => JSON.stringify([...a]) === JSON.stringify([...b]);

async function resolve(dashboard: Dashboard, params: URLSearchParams, window: Window, { cache, signal }: { cache: Map<string, Choice[]>; signal: AbortSignal }): Promise<Variables> {
  const base = builtIn({ startMs: Math.round(window.start), endMs: Math.round(window.end), stepMs: 60_000, scrapeMs: SCRAPE_MS, title: dashboard.title, uid: dashboard.uid });
  const values = new Map<string, Value>();
  const found = new Map<string, Resolved>();
  for (const variable of ordered(dashboard.variables)) {
    if (variable.kind === "adhoc") continue;
    const asked = variable.skipUrlSync ? null : fromAddress(params, variable.name);
    const id = JSON.stringify([variable.name, variable.kind === "query" ? [...values] : 0, variable.refresh === "time" ? [window.start, window.end] : 0]);
    let options = cache.get(id);
    let error = variable.reason;
    if (!options) {
      try {
        options = await optionsOf(variable, new Map([...base, ...values]), window, signal);
        if (cache.size > 200) cache.clear();
        cache.set(id, options);
      } catch (caught) {
        if (isAbort(caught)) throw caught;
        error = reason(caught);
        options = [];
      }
    }
    const resolved: Resolved = { variable, options, chosen: chosenOf(variable, options, asked), error };
    found.set(variable.name, resolved);
    values.set(variable.name, valueOf(resolved, window));
    values.set(`${variable.name}.text`, { values: [valueOf(resolved, window).texts?.join(" + ") ?? ""] });
  }
  const filters = dashboard.variables.filter(({ kind }) => kind === "adhoc").flatMap((variable) => filtersOf(variable, fromAddress(params, variable.name)));
  return { resolved: dashboard.variables.flatMap(({ name }) => found.get(name) ?? []), values, filters };
}
