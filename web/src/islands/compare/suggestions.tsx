// With what a trace may be compared: other traces of the same root, the fastest and slowest of them first.
import { ago, duration, nsToMs } from "../../data/format";
import { sameEndpoint } from "../../data/trace_copy";
import { loadTrace } from "../../data/trace_model";
import { type FoundTrace, searchTraces } from "../../data/trace_search";
import { useLoad } from "../../parts/hooks";
import { Empty, Notice } from "../../parts/notice";
import { navigate } from "../../state/address";
import { now } from "../../state/time";

const LIMIT = 200;
const SHOWN = 6;
const DAY_MS = 86_400_000;

export function Suggestions({ first }: { first: string }) {
  const { data, error } = useLoad(
    async (signal) => {
      const trace = await loadTrace(first, signal);
      const start = nsToMs(trace.start_ns);
      const found = await searchTraces({ q: sameEndpoint(trace), window: { start: start - DAY_MS, end: Math.max(now(), start) + 60_000 }, limit: LIMIT, view: "list" }, signal);
      const others = found.traces.filter((row) => row.trace_id !== trace.trace_id && row.root_name === trace.root_name).sort((a, b) => a.duration_ns - b.duration_ns);
      return { trace, others, isPartial: found.is_partial };
    },
    [],
    first,
  );
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!data) return <div class="loading-line" />;
  const { trace, others } = data;
  const good = others.filter((row) => row.errors === 0);
  const groups: [string, FoundTrace[]][] = [
    ["Fastest", good.slice(0, SHOWN)],
    ["Near the median", around(good, Math.floor(good.length / 2))],
    ["Slowest", [...others].reverse().slice(0, SHOWN)],
    ["With errors", others.filter((row) => row.errors > 0).slice(0, SHOWN)],
  ];
  return (
    <section class="panel suggestions" aria-labelledby="suggestions-title">
      <div class="panel-head">
        <h2 id="suggestions-title">
          Compare {trace.root_service} {trace.root_name} ({duration(trace.duration_ns)}) with
        </h2>
        <span class="panel-note">
          {others.length} of the same endpoint{data.isPartial ? " (of more)" : ""} in the day before
        </span>
      </div>
      {others.length ? (
        <div class="suggestion-groups">
          {groups.map(([name, rows]) =>
            rows.length ? (
              <div key={name}>
                <h3>{name}</h3>
                <ul>
                  {rows.map((row) => (
                    <li key={row.trace_id}>
                      <button type="button" class="link-button" onClick={() => navigate({ b: row.trace_id })}>
                        {duration(row.duration_ns)}
                      </button>
                      <span class="quiet-text">
                        {row.spans} spans{row.errors ? `, ${row.errors} errors` : ""}, {ago(now() - nsToMs(row.start_ns))}
                      </span>
                    </li>
                  ))}
                </ul>
              </div>
            ) : null,
          )}
        </div>
      ) : (
        <Empty title="No other trace of this endpoint is stored">Paste the id of any other trace above.</Empty>
      )}
    </section>
  );
}

function around(rows: readonly FoundTrace[], middle: number): FoundTrace[] {
  const from = Math.max(0, middle - SHOWN / 2);
  return rows.length > 2 * SHOWN ? rows.slice(from, from + SHOWN) : [];
}
