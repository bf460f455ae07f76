// The tree of both traces: two bars in each row.
import { duration } from "../../data/format";
import { changeOf, type Comparison, type CompareRow, kindOf, rowsWith, type Side } from "../../data/trace_compare";
import { link } from "../../state/address";

const MOST = 2000;
const WORDS = { first: "only in A", second: "only in B", slower: "slower", faster: "faster", same: "", errors: "status differs" } as const;

export function Merged({ data, filter, whole, colors }: { data: Comparison; filter: string; whole: number; colors: ReadonlyMap<string, number> }) {
  const keeps = (row: CompareRow): boolean => (filter === "changed" ? kindOf(row, whole) !== "same" : kindOf(row, whole) === filter);
  const rows = filter === "all" ? data.rows : rowsWith(data.rows, keeps);
  const deepest = rows.reduce((most, { depth }) => Math.max(most, depth), 1);
  const indent = Math.min(14, (innerWidth < 704 ? 50 : 200) / deepest);
  return (
    <>
      <div class="table-scroll" tabindex={0} role="group" aria-label="Merged tree">
        <table class="table merged">
          <thead>
            <tr>
              <th scope="col">Service and operation</th>
              <th scope="col">A above, B below</th>
              <th scope="col" class="number">
                A
              </th>
              <th scope="col" class="number">
                B
              </th>
              <th scope="col" class="number">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map((row, i) => (
              <Row key={i} row={row} data={data} whole={whole} indent={indent} color={colors.get(row.service)} isWay={filter !== "all" && !keeps(row)} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST ? (
        <p class="quiet-text span-more">
          The first {MOST} of {rows.length} rows. Filter above to see what differs.
        </p>
      ) : null}
      {rows.length ? null : <p class="empty">No span is of this kind.</p>}
    </>
  );
}

function Row({ row, data, whole, indent, color, isWay }: { row: CompareRow; data: Comparison; whole: number; indent: number; color: number | undefined; isWay: boolean }) {
  const kind = kindOf(row, whole);
  return (
    <tr data-kind={kind} data-way={isWay || undefined}>
      <td style={{ paddingLeft: `${12 + row.depth * indent}px` }}>
        <span class="merged-name">
          <span class="span-mark" data-color={color} aria-hidden="true" />
          <span class="service">{row.service || "unknown"}</span> <span>{row.name || "(no name)"}</span>
          {kind === "first" || kind === "second" || kind === "errors" ? (
            <span class="badge" data-kind={kind === "errors" ? "bad" : undefined}>
              {WORDS[kind]}
            </span>
          ) : null}
        </span>
      </td>
      <td class="merged-bars">
        <svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
          {row.first ? <Bar side={row.first} whole={whole} y={1} name="first" /> : null}
          {row.second ? <Bar side={row.second} whole={whole} y={9} name="second" /> : null}
        </svg>
      </td>
      <td class="number">{cell(row.first, data.first.trace_id)}</td>
      <td class="number">{cell(row.second, data.second.trace_id)}</td>
      <td class="number">
        {row.change_ns === null ? null : (
          <span class="change" data-kind={changeOf(row, whole)}>
            {{ slower: "▲ ", faster: "▼ ", same: "" }[changeOf(row, whole)]}
            {row.change_ns === 0 ? "0" : `${row.change_ns > 0 ? "+" : "−"}${duration(Math.abs(row.change_ns))}`}
          </span>
        )}
      </td>
    </tr>
  );
}

function Bar({ side, whole, y, name }: { side: Side; whole: number; y: number; name: "first" | "second" }) {
  const width = Math.max(0.4, (side.duration_ns / whole) * 100);
  return <rect class={`merged-${name}`} data-error={side.is_error || undefined} x={Math.min(100 - width, (Math.max(0, side.start_ns) / whole) * 100)} y={y} width={width} height="6" rx="0.4" />;
}

function cell(side: Side | null, traceId: string) {
  if (!side) return <span class="quiet-text">–</span>;
  return (
    <a href={link(`/traces/${traceId}`, { span: side.span_id })} class={side.is_error ? "bad-text" : undefined}>
      {duration(side.duration_ns)}
      {side.is_error ? " ✕" : ""}
    </a>
  );
}
