// What a service does: its operations with rate, errors and duration.
import { useMemo } from "preact/hooks";
import { duration, rate } from "../../data/format";
import { type OperationFigures, percent, type ServiceAnswer } from "../../data/services_api";
import { spanQuery } from "../../data/trace_copy";
import { SortHeads } from "../../parts/table_heads";
import { link, useParam } from "../../state/address";

const COLUMNS = [
  ["rate", "Calls/s"],
  ["error_ratio", "Errors"],
  ["p50_ns", "p50"],
  ["p95_ns", "p95"],
  ["p99_ns", "p99"],
  ["total", "Total time"],
] as const;
type Column = (typeof COLUMNS)[number][0];

const totalOf = (row: OperationFigures): number => row.calls * row.mean_ns;
const valueOf = (row: OperationFigures, column: Column): number => (column === "total" ? totalOf(row) : row[column]);

export function Operations({ answer }: { answer: ServiceAnswer }) {
  const [sort, setSort] = useParam("sort", "rate");
  const column = COLUMNS.find(([key]) => key === sort)?.[0] ?? "rate";
  const rows = useMemo(() => [...answer.operations].sort((a, b) => valueOf(b, column) - valueOf(a, column)), [answer, column]);
  const all = answer.operation_count ?? rows.length;
  return (
    <section class="panel" aria-labelledby="operations-title">
      <div class="panel-head">
        <h2 id="operations-title">Operations</h2>
        <span class="panel-note">{all > rows.length ? `the ${rows.length} most frequent of ${all}` : rows.length}</span>
      </div>
      <div class="table-scroll" tabindex={0} role="group" aria-label="Operations">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <th scope="col">Kind</th>
              <SortHeads columns={COLUMNS} sort={column} onSort={(key) => setSort(key, { replace: true })} />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.name}\n${row.kind}`} data-row>
                <td class="breakable">
                  <a href={link("/traces", { q: spanQuery(row.service, row.name) })}>{row.name || "(no name)"}</a>
                </td>
                <td class="quiet-text">{row.kind === "unspecified" ? "" : row.kind}</td>
                <td class="number">{rate(row.rate)}</td>
                <td class="number">
                  {row.errors ? (
                    <a class="bad-text" href={link("/traces", { q: spanQuery(row.service, row.name).replace(/ }$/, " && status = error }") })} title="Their traces">
                      {percent(row.error_ratio)}
                    </a>
                  ) : (
                    <span class="quiet-text">0 %</span>
                  )}
                </td>
                <td class="number">{duration(row.p50_ns)}</td>
                <td class="number">{duration(row.p95_ns)}</td>
                <td class="number">{duration(row.p99_ns)}</td>
                <td class="number">{duration(totalOf(row))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
