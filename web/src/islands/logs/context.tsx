// Lines of the same stream around one line, whatever the query's filters leave out.
import { useState } from "preact/hooks";
import { type LogRow, rowsOf } from "../../data/log_row";
import { lines } from "../../data/loki_api";
import { literal } from "../../data/log_words";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import { Row, type RowView } from "./row";

const STEP = 50;
/** How far away lines may lie. */
const REACH_NS = 6n * 3600n * 1_000_000_000n;

export function Context({ row, view }: { row: LogRow; view: RowView }) {
  const [count, setCount] = useState({ before: STEP, after: STEP });
  const { data, error, isLoading } = useLoad((signal) => around(row, count, signal), [row.key, count.before, count.after]);
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!data) return <p class="quiet-text log-note">Reading the lines around it…</p>;
  const bare = { ...view, columns: [] };
  const more = (side: "before" | "after", found: number) => (
    <button type="button" class="tool quiet" disabled={isLoading || found < count[side]} onClick={() => setCount({ ...count, [side]: count[side] + STEP })}>
      {found < count[side] ? `No lines ${side === "before" ? "earlier" : "later"} within 6 h` : `${STEP} more ${side === "before" ? "earlier" : "later"}`}
    </button>
  );
  return (
    <section class="log-context" aria-label="Context">
      <p class="log-note quiet-text">
        All lines of <code>{selectorOfStream(row)}</code>, oldest first
      </p>
      {more("before", data.before.length)}
      <div role="table" aria-label="Lines around" class="log-context-lines">
        {data.all.map((one, index) => (
          <Row key={one.key} row={one} index={index} view={bare} isOpen={false} isMarked={one.key === row.key} />
        ))}
      </div>
      {more("after", data.after.length)}
    </section>
  );
}

function selectorOfStream(row: LogRow): string {
  return `{${Object.entries(row.stream)
    .map(([name, value]) => `${name}=${literal(value)}`)
    .join(", ")}}`;
}

async function around(row: LogRow, count: { before: number; after: number }, signal: AbortSignal): Promise<{ before: LogRow[]; after: LogRow[]; all: LogRow[] }> {
  const query = selectorOfStream(row);
  const at = BigInt(row.ns);
  const [older, newer] = await Promise.all([
    lines(query, { start: String(at - REACH_NS), end: String(at) }, { limit: count.before, newestFirst: true }, signal),
    lines(query, { start: String(at), end: String(at + REACH_NS) }, { limit: count.after + 1, newestFirst: false }, signal),
  ]);
  const before = rowsOf(older.streams, true).reverse();
  const rest = rowsOf(newer.streams, false);
  const own = rest.findIndex((one) => one.ns === row.ns && one.line === row.line);
  // Of many lines of one nanosecond the row itself may be beyond the limit.
  const after = rest.filter((one, index) => index !== own && one.key !== row.key);
  return { before, after, all: [...before, ...after.slice(0, Math.max(0, own)), row, ...after.slice(Math.max(0, own))] };
}
