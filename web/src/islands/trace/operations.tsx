// Where the time went: spans by service and operation, with the time that is their own.
import { useMemo } from "preact/hooks";
import { duration } from "../../data/format";
import { spanQuery } from "../../data/trace_copy";
import { type OperationRow, operationsOf } from "../../data/trace_tree";
import { SortHeads } from "../../parts/table_heads";
import { link, useParam } from "../../state/address";
import type { TraceState, View } from "./state";

type Column = "self" | "total" | "count" | "longest" | "errors";
const COLUMNS: readonly [Column, string][] = [["self", "Own time"], ["total", "Total"], ["count", "Spans"], ["longest", "Longest"], ["errors", "Errors"]];
const MOST = 500;

export function OperationsTab({ view, state }: { view: View; state: TraceState }) {
  const [sort, setSort] = useParam("sort", "self");
  const rows = useMemo(() => operationsOf(view.trace, view.tree), [view]);
  const column = COLUMNS.find(([key]) => key === sort)?.[0] ?? "self";
  const sorted = useMemo(() => [...rows].sort((a, b) => b[column] - a[column]), [rows, column]);
  const whole = rows.reduce((sum, row) => sum + row.self, 0) || 1;
  return (
    <section class="panel" aria-label="Operations">
      <div class="table-scroll" tabindex={0} role="group" aria-label="Operations by time">
        <table class="table operations-table">
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <SortHeads columns={COLUMNS} sort={column} onSort={(key) => setSort(key, { replace: true })} />
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, MOST).map((row) => (
              <Operation key={`${row.service}\n${row.name}`} row={row} view={view} whole={whole} onJump={state.jump} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST ? (
        <p class="quiet-text span-more">
          The first {MOST} of {rows.length} operations.
        </p>
      ) : null}
    </section>
  );
}

function Operation({ row, view, whole, onJump }: { row: OperationRow; view: View; whole: number; onJump: (place: number) => void }) {
  return (
    <tr>
      <td>
        <span class="service-dot" data-color={view.colors.get(row.service)} aria-hidden="true" /> <span class="service">{row.service || "unknown"}</span>{" "}
        <a href={link("/traces", { q: spanQuery(row.service, row.name), from: "now-1h", to: null })} title="This operation in the last hour">
          {row.name || "(no name)"}
        </a>
      </td>
      <td class="number">
        <span class="own-time">
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect width={Math.max(0.5, (row.self / whole) * 100)} height="6" />
          </svg>
          {duration(row.self)} <span class="quiet-text">{Math.round((row.self / whole) * 100)} %</span>
        </span>
      </td>
      <td class="number">{duration(row.total)}</td>
      <td class="number">{row.count}</td>
      <td class="number">
        <button type="button" class="link-button" title="Show it in the waterfall" onClick={() => onJump(row.place)}>
          {duration(row.longest)}
        </button>
      </td>
      <td class="number">{row.errors ? <span class="badge" data-kind="bad">{row.errors}</span> : ""}</td>
    </tr>
  );
}
