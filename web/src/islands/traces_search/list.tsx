// Found traces, a line each: what was asked for, how long it took, who took part, what failed.
import { ago, duration, nsToMs } from "../../data/format";
import { serviceColors } from "../../data/service_colors";
import { printTime } from "../../data/time_range";
import type { FoundTrace } from "../../data/trace_search";
import { link } from "../../state/address";
import { now, useTime } from "../../state/time";

/** Services named in a row. */
const NAMED = 4;

export function TraceList({ rows, chosen, onToggle }: { rows: readonly FoundTrace[]; chosen: readonly string[]; onToggle: (id: string) => void }) {
  const longest = Math.max(...rows.map((row) => row.duration_ns), 1);
  const colors = serviceColors(rows.flatMap((row) => row.services.map(([name]) => name)));
  return (
    <ol class="trace-list">
      {rows.map((row) => (
        <Row key={row.trace_id} row={row} longest={longest} colors={colors} isChosen={chosen.includes(row.trace_id)} onToggle={() => onToggle(row.trace_id)} />
      ))}
    </ol>
  );
}

function Row({ row, longest, colors, isChosen, onToggle }: { row: FoundTrace; longest: number; colors: ReadonlyMap<string, number>; isChosen: boolean; onToggle: () => void }) {
  const { zone } = useTime();
  const at = nsToMs(row.start_ns);
  const others = row.services.filter(([name]) => name !== row.root_service);
  const name = `${row.root_service || "unknown"}: ${row.root_name || "(root not received)"}`;
  return (
    <li class="trace-item" data-chosen={isChosen || undefined} data-errors={row.errors > 0 || undefined}>
      <input type="checkbox" checked={isChosen} aria-label={`Compare ${name}`} title="Choose two to compare" onChange={onToggle} />
      <a class="trace-link" data-row href={link(`/traces/${row.trace_id}`)} title={row.trace_id}>
        <span class="trace-root">
          <span class="service-dot" data-color={colors.get(row.root_service)} aria-hidden="true" />
          <span class="service">{row.root_service || "unknown"}</span> <span class="trace-op">{row.root_name || "(root not received)"}</span>
          {row.errors ? (
            <span class="badge" data-kind="bad">
              {row.errors} {row.errors === 1 ? "error" : "errors"}
            </span>
          ) : null}
        </span>
        <span class="trace-services">
          {others.slice(0, NAMED).map(([one, spans]) => (
            <span key={one}>
              <span class="service-dot" data-color={colors.get(one)} aria-hidden="true" /> {one || "unknown"} {spans}
            </span>
          ))}
          {others.length > NAMED ? <span>and {others.length - NAMED} more</span> : null}
        </span>
        <span class="trace-count">
          {row.matched < row.spans ? `${row.matched} of ` : ""}
          {row.spans} {row.spans === 1 ? "span" : "spans"}
        </span>
        <span class="trace-long">
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect width={Math.max(1, (row.duration_ns / longest) * 100)} height="6" />
          </svg>
          <span class="trace-duration">{duration(row.duration_ns)}</span>
        </span>
        <time dateTime={new Date(at).toISOString()} title={printTime(at, zone)}>
          {ago(now() - at)}
        </time>
      </a>
    </li>
  );
}
