// The spans that a query finds, one row each, with the attributes it speaks of.
import { duration, nsToMs } from "../../data/format";
import { printTime } from "../../data/time_range";
import type { FoundTrace } from "../../data/trace_search";
import { link } from "../../state/address";
import { useTime } from "../../state/time";

const MOST = 1000;

export function SpansTable({ rows }: { rows: readonly FoundTrace[] }) {
  const { zone } = useTime();
  const spans = rows.flatMap((row) => row.matches.map((span) => ({ row, span })));
  const total = rows.reduce((sum, row) => sum + row.matched, 0);
  const names = [...new Set(spans.flatMap(({ span }) => span.attributes.map(([key]) => key)))].slice(0, 8);
  return (
    <>
      <div class="table-scroll" tabindex={0} role="group" aria-label="Spans">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Span</th>
              <th scope="col" class="number">
                Duration
              </th>
              <th scope="col">Status</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col">Start</th>
              <th scope="col">Trace</th>
            </tr>
          </thead>
          <tbody>
            {spans.slice(0, MOST).map(({ row, span }) => (
              <tr key={`${row.trace_id} ${span.span_id}`} data-row>
                <td>
                  <span class="service">{span.service || "unknown"}</span> <a href={link(`/traces/${row.trace_id}`, { span: span.span_id })}>{span.name || "(no name)"}</a>
                </td>
                <td class="number">{duration(span.duration_ns)}</td>
                <td>{span.status === "error" ? <span class="badge" data-kind="bad">error</span> : span.status === "ok" ? "ok" : ""}</td>
                {names.map((name) => (
                  <td key={name} class="mono">
                    {span.attributes.find(([key]) => key === name)?.[1] ?? ""}
                  </td>
                ))}
                <td>{printTime(Math.floor(nsToMs(span.start_ns) / 1000) * 1000, zone)}</td>
                <td>
                  <span class="service">{row.root_service || "unknown"}</span> {row.root_name}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > Math.min(spans.length, MOST) ? (
        <p class="quiet-text results-more">
          {Math.min(spans.length, MOST)} of {total} matching spans; at most 20 of each trace.
        </p>
      ) : null}
    </>
  );
}
