// Search for traces: a form and its TraceQL, duration over time, and the traces. All of it is in the address.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { queryError } from "../../data/query_error";
import type { Window } from "../../data/time_range";
import { asTraceId, searchTraces, type SearchAnswer } from "../../data/trace_search";
import { withCondition } from "../../data/trace_form";
import { type Loaded, useLoad } from "../../parts/hooks";
import { link, navigate, useAddress } from "../../state/address";
import { useTime } from "../../state/time";
import { FirstTraces } from "./first";
import { SearchForm } from "./form";
import { USUAL_LIMIT } from "./limits";
import { MetricResult } from "./metric";
import { Result } from "./result";

export interface SearchProps {
  found: SearchAnswer;
  isFirst: boolean;
  environment: string;
  demo: string;
}

export function TracesSearch(props: SearchProps) {
  const [isFirst, setFirst] = useState(props.isFirst);
  if (isFirst) return <FirstTraces environment={props.environment} demo={props.demo} onFirst={() => setFirst(false)} />;
  return <Search given={props.isFirst ? null : props.found} />;
}

function Search({ given }: { given: SearchAnswer | null }) {
  const params = useAddress();
  const q = params.get("q") ?? "";
  const limit = Number(params.get("limit")) || USUAL_LIMIT;
  const view = params.get("view") === "spans" ? "spans" : "list";
  const [metricError, setMetricError] = useState<string | null>(null);
  const { data, error, isLoading } = useSearch({ q, limit, view }, given);
  const isMetrics = data?.is_metrics && data.q === q.trim();
  const words = isMetrics ? metricError : (error ?? (data?.q === q.trim() && data.error ? data.error : null));
  const problem = useMemo(() => (words ? queryError(q, words) : null), [words, q]);
  const run = (text: string): void => {
    const id = asTraceId(text);
    if (id) location.assign(link(`/traces/${id}`));
    else navigate({ q: text.trim() === "{ }" ? null : text.trim() || null });
  };
  const narrow = (condition: string, { start, end }: Window): void => navigate({ q: withCondition(q, condition), from: String(start), to: String(end), live: null });
  return (
    <>
      <SearchForm q={q} limit={limit} error={problem} isBusy={isLoading} onRun={run} />
      {isMetrics ? <MetricResult q={q} onError={setMetricError} /> : <Result answer={data} isLoading={isLoading} isStale={error !== null} hasError={problem !== null} view={view} limit={limit} onNarrow={narrow} />}
    </>
  );
}

/** The search; what the server drew the page from is its first answer. */
function useSearch({ q, limit, view }: { q: string; limit: number; view: "list" | "spans" }, given: SearchAnswer | null): Loaded<SearchAnswer> {
  const { window, tick } = useTime();
  const first = useRef(given && given.q === q.trim() && given.limit === limit && (given.traces.length || given.error || given.is_metrics || given.inspected) && view === "list" ? given : null);
  const loaded = useLoad(
    async (signal) => {
      const known = first.current;
      first.current = null;
      return known ?? searchTraces({ q, window, limit, view }, signal);
    },
    [q, limit, view, window.start, window.end, tick],
  );
  const shown = useRef(first.current);
  useEffect(() => {
    if (loaded.data) shown.current = null;
  }, [loaded.data]);
  return loaded.data ? loaded : { ...loaded, data: shown.current, isLoading: shown.current === null && loaded.isLoading };
}
