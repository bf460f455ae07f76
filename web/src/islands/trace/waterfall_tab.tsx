// The waterfall with its tools, and the details of a span beside it.
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { filtered, findByName, mergeHits } from "../../data/trace_find";
import { findInTrace, type PathSection } from "../../data/trace_model";
import { ancestorsOf, deeperThan, rowsOf, withAncestors } from "../../data/trace_tree";
import { around } from "../../data/trace_zoom";
import { durationOf, startOf } from "../../data/trace_model";
import { addKeys } from "../../page/keys";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import { Details } from "./details";
import { Minimap } from "./minimap";
import { sectionsByPlace } from "./path";
import type { TraceState, View } from "./state";
import { Tools } from "./tools";
import { Waterfall } from "./waterfall";

const NONE: readonly number[] = [];

export function WaterfallTab({ view, state, path, pathError }: { view: View; state: TraceState; path: PathSection[] | null; pathError: string | null }) {
  const { trace, tree } = view;
  const hits = useHits(view, state.find);
  const left = useMemo(() => filtered(trace, state.services, state.onlyErrors), [trace, state.services, state.onlyErrors]);
  const keep = useMemo(() => left && withAncestors(trace, left), [left]);
  const rows = useMemo(() => rowsOf(tree, state.folded, keep), [tree, state.folded, keep]);
  const sections = useMemo(() => (path && state.hasPath ? sectionsByPlace(trace, path) : null), [path, state.hasPath]);
  const [active, setActive] = useState(state.selected);
  const reveal = useCallback(
    (place: number): void => {
      const hidden = ancestorsOf(trace, place).filter((one) => state.folded.has(one));
      if (hidden.length) state.fold(new Set([...state.folded].filter((one) => !hidden.includes(one))));
      setActive(place);
    },
    [trace, state.folded],
  );
  useEffect(() => {
    if (state.selected >= 0) reveal(state.selected);
  }, [state.selected]);
  useEffect(
    () =>
      addKeys({
        "[": { text: "Fold all spans", run: () => state.fold(deeperThan(tree, 0)) },
        "]": { text: "Unfold all spans", run: () => state.fold(new Set()) },
        z: { text: "Zoom to the span, or back", run: () => zoomTo(view, state, active) },
        n: { text: "Next hit of the search", run: () => step(hits.places, active, 1, reveal) },
        N: { text: "Previous hit of the search", run: () => step(hits.places, active, -1, reveal) },
        e: { text: "Next error", run: () => step(trace.errors, active, 1, reveal) },
      }),
    [view, state, active, hits],
  );
  return (
    <section class="panel waterfall-panel" aria-label="Waterfall">
      <Minimap view={view} zoom={state.zoom} onZoom={state.setZoom} />
      <Tools view={view} state={state} hits={hits} shown={left?.length ?? null} active={active} onMove={(by) => step(hits.places, active, by, reveal)} pathError={pathError} />
      {hits.error ? <Notice kind="error">Attributes could not be searched: {hits.error}</Notice> : null}
      <div class="waterfall-and-details">
        {rows.length ? <Waterfall view={view} state={state} rows={rows} sections={sections} hits={hits.set} active={active} onActive={setActive} left={left} /> : <p class="empty">No span is left by the filters.</p>}
        {state.selected >= 0 ? <Details key={state.selected} view={view} state={state} place={state.selected} sections={sections?.get(state.selected)} /> : null}
      </div>
    </section>
  );
}

export interface Hits {
  places: readonly number[];
  set: ReadonlySet<number>;
  isLoading: boolean;
  isPartial: boolean;
  error: string | null;
}

/** Spans that have the text: by name at once, by attributes when the server has answered. */
function useHits({ trace }: View, text: string): Hits {
  const wanted = text.trim();
  const named = useMemo(() => (wanted ? findByName(trace, wanted) : NONE), [trace, wanted]);
  const { data, isLoading, error } = useLoad(wanted.length > 1 ? (signal) => rest(signal).then(() => findInTrace(trace.trace_id, wanted, signal)) : null, [], wanted);
  return useMemo(() => {
    const places = wanted ? mergeHits(trace, named, data?.spans ?? []) : NONE;
    return { places, set: new Set(places), isLoading, isPartial: data?.is_partial ?? false, error };
  }, [named, data, isLoading, error]);
}

/** Waits until typing has paused. */
function rest(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 250);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("superseded", "AbortError"));
    });
  });
}

function step(places: readonly number[], active: number, by: number, go: (place: number) => void): void {
  if (!places.length) return;
  const at = by > 0 ? places.findIndex((place) => place > active) : places.findLastIndex((place) => place < active);
  go((at >= 0 ? places[at] : by > 0 ? places[0] : places.at(-1)) as number);
}

function zoomTo({ trace }: View, state: TraceState, place: number): void {
  const isZoomed = state.zoom.from > 0 || state.zoom.to < trace.duration_ns;
  state.setZoom(place < 0 || isZoomed ? null : around(startOf(trace, place), durationOf(trace, place), trace.duration_ns));
}
