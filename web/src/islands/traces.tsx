// The latest traces: who was asked for what, how long it took, what went wrong.
import { ago, duration, nsToMs } from "../data/format";
import type { TraceRow } from "../data/overview";
import { useNow, useOverview } from "./hooks";

export function Traces() {
  const { snapshot, error } = useOverview();
  const now = useNow();
  const rows = snapshot.traces;
  if (!rows.length) return <p class="empty">No traces yet.</p>;
  const longest = Math.max(...rows.map((row) => row.duration_ns), 1);
  return (
    <ol class="traces" data-stale={error !== null || undefined}>
      {rows.map((row) => (
        <Row key={row.trace_id} row={row} longest={longest} now={now} />
      ))}
    </ol>
  );
}

function Row({ row, longest, now }: { row: TraceRow; longest: number; now: number }) {
  const at = nsToMs(row.start_ns);
  const width = Math.max(1, (row.duration_ns / longest) * 100);
  return (
    <li class="trace" data-errors={row.error_count > 0 || undefined}>
      <a href={`/traces/${row.trace_id}`} title={row.trace_id}>
        <span class="trace-row">
          <span class="trace-what">
            <span class="service">{row.root_service || "unknown"}</span> <span class="trace-name">{row.root_name || "(root not received)"}</span>
          </span>
          <span class="trace-time">{duration(row.duration_ns)}</span>
        </span>
        <span class="trace-row">
          <svg class="trace-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect width={width} height="4" />
          </svg>
          <span class="trace-facts">
            <span>
              {row.span_count} {row.span_count === 1 ? "span" : "spans"}
            </span>
            {row.error_count > 0 ? (
              <span class="trace-errors">
                {row.error_count} {row.error_count === 1 ? "error" : "errors"}
              </span>
            ) : null}
            <time dateTime={new Date(at).toISOString()}>{ago(now - at)}</time>
          </span>
        </span>
      </a>
    </li>
  );
}
