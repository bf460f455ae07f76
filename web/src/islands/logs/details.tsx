// An opened log line: what to do with it, the raw line, and everything that is known about it.
import { useState } from "preact/hooks";
import type { FieldFilter } from "../../data/log_filters";
import { isTelling, patternOf } from "../../data/log_pattern";
import { fieldsOfLine, HIDDEN, type LogRow, parserOf } from "../../data/log_row";
import { plainText } from "../../data/ansi";
import { tracesOfLine } from "../../data/loki_api";
import { copyText } from "../../parts/clipboard";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { link } from "../../state/address";
import { Context } from "./context";
import type { RowView } from "./row";

export interface RowActions {
  onField: (field: FieldFilter, isExcluded: boolean) => void;
  onPattern: (pattern: string, isExcluded: boolean) => void;
  onColumn: (name: string) => void;
  /** The address of this line, for others. */
  linkTo: (row: LogRow) => string;
}

export function Details({ row, view, actions }: { row: LogRow; view: RowView; actions: RowActions }) {
  const [hasContext, setContext] = useState(false);
  const pattern = patternOf(plainText(row.line));
  return (
    <>
      <div class="toolbar log-actions">
        <Traces row={row} />
        <button type="button" class="tool" aria-pressed={hasContext} onClick={() => setContext(!hasContext)}>
          Context
        </button>
        {isTelling(pattern) ? (
          <button type="button" class="tool" title={pattern} onClick={() => actions.onPattern(pattern, false)}>
            Same pattern
          </button>
        ) : null}
        <button type="button" class="tool" onClick={() => void copyText(row.line, "line")}>
          <Icon name="copy" />
          Copy line
        </button>
        <button type="button" class="tool" onClick={() => void copyText(asJson(row), "JSON")}>
          Copy as JSON
        </button>
        <button type="button" class="tool" onClick={() => void copyText(actions.linkTo(row), "link to this line")}>
          <Icon name="link" />
          Copy link
        </button>
      </div>
      {hasContext ? <Context row={row} view={view} /> : <RawLine line={row.line} />}
      <FieldTable row={row} view={view} actions={actions} />
    </>
  );
}

/** Traces that the line refers to, as the server finds them. */
function Traces({ row }: { row: LogRow }) {
  const { data } = useLoad((signal) => tracesOfLine({ labels: row.stream, line: row.line, metadata: row.metadata }, signal), [row.key]);
  return (
    <>
      {data?.map((one) => (
        <a key={one.trace_id} class="tool primary" href={link(`/traces/${one.trace_id}`)}>
          <Icon name="traces" />
          Trace {one.trace_id.slice(0, 8)}
          {one.exists === false ? " (not stored)" : ""}
        </a>
      ))}
    </>
  );
}

function RawLine({ line }: { line: string }) {
  return (
    <pre class="log-raw" tabindex={0} aria-label="Line">
      {pretty(plainText(line))}
    </pre>
  );
}

/** JSON laid out; everything else as it is. */
function pretty(line: string): string {
  if (!line.trim().startsWith("{")) return line;
  try {
    return JSON.stringify(JSON.parse(line), null, 2);
  } catch {
    return line;
  }
}

function asJson({ ns, level, service, line, stream, metadata, parsed }: LogRow): string {
  return JSON.stringify({ timestamp_ns: ns, level, service, line, labels: stream, metadata, fields: parsed }, null, 2);
}

const GROUPS = [
  ["label", "Labels"],
  ["metadata", "Metadata"],
  ["parsed", "Fields"],
] as const;

function FieldTable({ row, view, actions }: { row: LogRow; view: RowView; actions: RowActions }) {
  const own = Object.entries(row.parsed);
  const parser = own.length ? "" : parserOf(row.line);
  const pairs = { label: Object.entries(row.stream), metadata: Object.entries(row.metadata), parsed: own.length ? own : fieldsOfLine(row.line) };
  return (
    <table class="table log-fields-table">
      {GROUPS.map(([origin, title]) => {
        const shown = pairs[origin].filter(([name]) => !HIDDEN.has(name));
        if (!shown.length) return null;
        return (
          <tbody key={origin} aria-label={title}>
            <tr class="log-group">
              <th scope="rowgroup" colSpan={3}>
                {title}
              </th>
            </tr>
            {shown.map(([name, value]) => (
              <Field key={name} field={{ name, value, origin, parser }} isColumn={view.columns.includes(name)} actions={actions} />
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

function Field({ field, isColumn, actions }: { field: FieldFilter; isColumn: boolean; actions: RowActions }) {
  const { name, value } = field;
  const filter = (event: MouseEvent): void => actions.onField(field, event.altKey);
  return (
    <tr class="field">
      <th scope="row">{name}</th>
      <td>
        <button type="button" class="log-value" title="Click: only these. Alt-click: without these." onClick={filter}>
          {value}
        </button>
      </td>
      <td class="field-actions">
        <button type="button" aria-label={`Only ${name}=${value}`} title="Only these" onClick={() => actions.onField(field, false)}>
          =
        </button>
        <button type="button" aria-label={`Without ${name}=${value}`} title="Without these" onClick={() => actions.onField(field, true)}>
          ≠
        </button>
        <button type="button" aria-label={`Copy ${name}`} title="Copy" onClick={() => void copyText(value, name)}>
          Copy
        </button>
        <button type="button" aria-pressed={isColumn} aria-label={`${name} as a column`} title="Show as a column" onClick={() => actions.onColumn(name)}>
          Column
        </button>
      </td>
    </tr>
  );
}
