// An instant result as a table that can be sorted; values of labels narrow the query.
import { useMemo, useState } from "preact/hooks";
import { count } from "../../data/format";
import { type Order, sorted, type TableRow, tableOf } from "../../data/metric_table";
import type { HistogramValue, QueryData } from "../../data/prometheus_api";
import { Choice } from "../../parts/tabs";
import { ServiceLinks } from "./service_links";

const USUAL_ROWS = 200;

interface Props {
  data: QueryData;
  isStale: boolean;
  onFilter: (name: string, value: string, isExcluded: boolean) => void;
}

export function ResultTable({ data, isStale, onFilter }: Props) {
  const view = useMemo(() => tableOf(data), [data]);
  const [order, setOrder] = useState<Order>({ column: "", isDescending: true });
  const [most, setMost] = useState(USUAL_ROWS);
  const [isText, setText] = useState(false);
  const rows = useMemo(() => sorted(view.rows, order), [view, order]);
  if (data.resultType === "scalar" || data.resultType === "string") {
    return (
      <p class="metrics-scalar" data-stale={isStale || undefined}>
        {data.result[1]}
      </p>
    );
  }
  if (!rows.length) return <p class="empty">No series at the end of this window.</p>;
  const columns = isText ? [] : view.columns;
  const sort = (column: string): void => setOrder((before) => (before.column === column ? { column, isDescending: !before.isDescending } : { column, isDescending: column === "value" }));
  return (
    <div data-stale={isStale || undefined}>
      {view.columns.length > 1 ? <div class="toolbar metrics-form"><Choice label="Labels" options={[["", "Columns"], ["text", "Text"]]} value={isText ? "text" : ""} onChoose={(next) => setText(next === "text")} /></div> : null}
      <div class="table-scroll" role="region" aria-label="Result" tabindex={0}>
        <table class="table metrics-table">
          <thead>
            <tr>
              {isText ? <th scope="col">Series</th> : columns.map((name) => <Head key={name} column={name} order={order} onSort={sort} />)}
              <Head column="value" order={order} onSort={sort} isNumber />
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row, i) => (
              <tr key={i}>
                {isText ? <td class="mono breakable">{seriesText(row.labels)}</td> : columns.map((name) => <LabelCell key={name} name={name} value={row.labels[name] ?? ""} onFilter={onFilter} />)}
                <Value row={row} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most ? (
        <p class="metrics-said">
          First {count(most)} of {count(rows.length)}.{" "}
          <button type="button" class="link-button" onClick={() => setMost(most + 800)}>
            More
          </button>
        </p>
      ) : null}
      <ServiceLinks labels={rows.slice(0, most).map(({ labels }) => labels)} />
    </div>
  );
}

function Head({ column, order, onSort, isNumber = false }: { column: string; order: Order; onSort: (column: string) => void; isNumber?: boolean }) {
  const isOn = order.column === column;
  const direction = order.isDescending ? "descending" : "ascending";
  return (
    <th scope="col" class={isNumber ? "number" : undefined} aria-sort={isOn ? direction : "none"}>
      <button type="button" class="metrics-sort" onClick={() => onSort(column)}>
        {column === "__name__" ? "metric" : column}
        <span aria-hidden="true">{isOn ? (order.isDescending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function LabelCell({ name, value, onFilter }: { name: string; value: string; onFilter: Props["onFilter"] }) {
  if (!value || name === "__name__") return <td class="mono">{value}</td>;
  return (
    <td class="mono">
      <button type="button" class="metrics-label" title="Click: only these. Alt-click: without these." onClick={(event) => onFilter(name, value, event.altKey)}>
        {value}
      </button>
    </td>
  );
}

function Value({ row }: { row: TableRow }) {
  return (
    <td class="number">
      {row.histogram ? (
        <details>
          <summary>{row.text}</summary>
          <Buckets histogram={row.histogram} />
        </details>
      ) : (
        row.text
      )}
    </td>
  );
}

/** Buckets of a native histogram as bars in text. */
function Buckets({ histogram }: { histogram: HistogramValue }) {
  const buckets = (histogram.buckets ?? []).slice(0, 200);
  const most = Math.max(...buckets.map(([, , , amount]) => Number(amount)), 1e-300);
  return (
    <table class="metrics-buckets">
      <tbody>
        {buckets.map(([kind, low, high, amount]) => (
          <tr key={low}>
            <th scope="row">{`${kind === 1 || kind === 3 ? "[" : "("}${short(low)}, ${short(high)}${kind === 0 || kind === 3 ? "]" : ")"}`}</th>
            <td>{short(amount)}</td>
            <td>
              <meter min={0} max={most} value={Number(amount)} aria-label={`${amount} of ${most}`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const short = (text: string): string => String(Number(Number(text).toPrecision(4)));

function seriesText({ __name__: name = "", ...labels }: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length ? `${name}{${pairs.join(", ")}}` : name || "{}";
}
