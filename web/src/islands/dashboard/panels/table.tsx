// Table: a frame's rows; cells as text, colours, bars, trends, links; sorting; a footer of calculations.
import { useMemo, useState } from "preact/hooks";
import { type Opened, valueLinks } from "../../../dashboard/data_links";
import { PLAIN } from "../../../dashboard/field_config";
import { type DataFrame, type Field, rowsOf } from "../../../dashboard/frames";
import { nameOf } from "../../../dashboard/matcher";
import { noDataText } from "../../../dashboard/nothing";
import { calcName, numberOf, reduce } from "../../../dashboard/reduce";
import { scaleOf, type Shown, shown } from "../../../dashboard/shown";
import { inOrder } from "../../../dashboard/transform/rows";
import { timeText } from "../../../plot/time_axis";
import { cssColor } from "../../../plot/model";
import { rgb } from "../../../plot/palette";
import { Sparkline } from "../../../plot/sparkline";
import type { FieldOptions } from "../../../dashboard/types";
import { link } from "../../../state/address";
import type { PanelData } from "../../../dashboard/run";
import type { BodyProps } from "../types";
import { inkOn } from "../use_ink";

interface Sorting {
  name: string;
  isDown: boolean;
}

interface TableOptions {
  frameIndex?: number;
  showHeader?: boolean;
  cellHeight?: string;
  sortBy?: { displayName?: string; desc?: boolean }[];
  footer?: { show?: boolean; reducer?: string[]; fields?: string[] | string; countRows?: boolean };
}

/** Rows drawn; more are counted. */
const MOST = 500;

export function TableBody({ panel, data, title, zone, isStale }: BodyProps) {
  const options = panel.options as TableOptions;
  const frames = data.frames.filter((frame) => frame.fields.length);
  const [chosen, setChosen] = useState(options.frameIndex ?? 0);
  const first = options.sortBy?.[0];
  const [sorting, setSorting] = useState<Sorting | null>(first?.displayName ? { name: first.displayName, isDown: first.desc === true } : null);
  const frame = frames[Math.min(chosen, frames.length - 1)];
  const columns = useMemo(() => (frame?.fields ?? []).filter(({ options: own }) => own?.custom.hidden !== true), [frame]);
  const rows = useMemo(() => sorted(frame, sorting), [frame, sorting]);
  if (!frame || !rows.length || !columns.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const sort = (name: string): void => setSorting(sorting?.name !== name ? { name, isDown: false } : sorting.isDown ? null : { name, isDown: true });
  return (
    <div class="dash-table" data-stale={isStale || undefined}>
      <div class="table-scroll" tabindex={0} role="region" aria-label={title}>
        <table class="table" data-height={options.cellHeight}>
          {options.showHeader === false ? null : (
            <thead>
              <tr>
                {columns.map((field) => (
                  <th key={nameOf(field)} scope="col" class={isNumber(field) ? "number" : undefined} aria-sort={sorting?.name === nameOf(field) ? (sorting.isDown ? "descending" : "ascending") : undefined} style={widthOf(field)}>
                    <button type="button" onClick={() => sort(nameOf(field))}>
                      {nameOf(field)}
                      {sorting?.name === nameOf(field) ? <span aria-hidden="true">{sorting.isDown ? "↓" : "↑"}</span> : null}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {rows.slice(0, MOST).map((row) => (
              <tr key={row}>
                {columns.map((field) => (
                  <Cell key={nameOf(field)} field={field} frame={frame} row={row} data={data} zone={zone} />
                ))}
              </tr>
            ))}
          </tbody>
          <Footer columns={columns} options={options} count={rows.length} zone={zone} />
        </table>
      </div>
      {rows.length > MOST ? <p class="legend-note">{`The first ${MOST} of ${rows.length} rows`}</p> : null}
      {frames.length > 1 ? (
        <select class="select" aria-label="Which answer" value={String(Math.min(chosen, frames.length - 1))} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          {frames.map((one, i) => (
            <option key={i} value={i}>
              {one.name || one.refId || `Answer ${i + 1}`}
            </option>
          ))}
        </select>
      ) : null}
    </div>
  );
}

function sorted(frame: DataFrame | undefined, sorting: Sorting | null): number[] {
  if (!frame) return [];
  const rows = Array.from({ length: rowsOf(frame) }, (_, row) => row);
  const by = sorting && frame.fields.find((field) => nameOf(field) === sorting.name);
  if (!by) return rows;
  const value = (row: number): unknown => (by.type === "other" ? (by.values[row] as { value?: unknown } | null)?.value : by.values[row]);
  return rows.sort((a, b) => (sorting.isDown ? -1 : 1) * inOrder(value(a), value(b)) || a - b);
}

const isNumber = (field: Field): boolean => field.options?.custom.align === "right" || (field.type === "number" && !["left", "center"].includes(String(field.options?.custom.align)));

function widthOf(field: Field): Record<string, string> {
  const width = numberOf(field.options?.custom.width);
  const least = numberOf(field.options?.custom.minWidth);
  return { ...(width ? { width: `${width}px` } : {}), ...(least ? { minWidth: `${least}px` } : {}) };
}

interface CellOptions {
  type?: string;
  mode?: string;
}

function Cell({ field, frame, row, data, zone }: { field: Field; frame: DataFrame; row: number; data: PanelData; zone: "local" | "utc" }) {
  const value = field.values[row];
  const options = optionsOf(field, frame);
  const { type = "auto" } = (options.custom.cellOptions ?? {}) as CellOptions;
  const trend = trendOf(value);
  if (trend) return <td><Sparkline values={trend.values} width={140} height={24} color={shown(trend.value, options, {}, "thresholds").color} title={`Trend, now ${shown(trend.value, options).text}`} /></td>;
  const scale = scaleOf([field]);
  const isTime = field.type === "time" && typeof value === "number" && !options.unit;
  const read: Shown = shown(isTime ? timeText(value, 1000, zone) : value, options, scale, "thresholds", zone);
  const links = valueLinks(field, frame, { row, text: read.text, values: data.values, search: location.search });
  const [first] = links.length ? links : traceLink(field, frame, row);
  const text = type === "json-view" ? JSON.stringify(value) : frame.kind === "traces" && field.name === "Trace ID" ? `${read.text.slice(0, 10)}…` : read.text;
  const content = first ? <a href={first.href} title={first.title} {...(first.isNew ? { target: "_blank", rel: "noreferrer" } : {})}>{text}</a> : text;
  const kind = isNumber(field) ? "number" : type === "json-view" ? "mono" : undefined;
  if (type === "gauge" && read.number !== null) {
    const [min, max] = [options.min ?? Math.min(0, scale.min), options.max ?? scale.max];
    const part = Math.min(1, Math.max(0, (read.number - min) / (max - min || 1)));
    return (
      <td class="dash-cell-gauge" style={{ "--bar": cssColor(read.color), "--part": `${(part * 100).toFixed(1)}%` }}>
        <span>
          <span aria-hidden="true" />
          {content}
        </span>
      </td>
    );
  }
  if (type === "color-background" && read.color) {
    return (
      <td class={kind} data-filled style={{ background: cssColor(read.color), color: inkOn(rgb(read.color)) }}>
        {content}
      </td>
    );
  }
  return (
    <td class={kind} style={type === "color-text" ? { color: cssColor(read.color) } : {}}>
      {content}
    </td>
  );
}

/** Durations of traces are milliseconds unless the panel says otherwise. */
function optionsOf(field: Field, frame: DataFrame): FieldOptions {
  const options = field.options ?? PLAIN;
  return frame.kind === "traces" && field.name === "Duration" && ["", "none", "short"].includes(options.unit) ? { ...options, unit: "ms" } : options;
}

function traceLink(field: Field, frame: DataFrame, row: number): Opened[] {
  if (frame.kind !== "traces" || field.name !== "Trace ID") return [];
  return [{ title: "Open this trace", href: link(`/traces/${encodeURIComponent(String(field.values[row]))}`), isNew: false }];
}

function trendOf(value: unknown): { values: number[]; value: unknown } | null {
  return value && typeof value === "object" && Array.isArray((value as { values?: unknown }).values) ? (value as { values: number[]; value: unknown }) : null;
}

function Footer({ columns, options, count, zone }: { columns: readonly Field[]; options: TableOptions; count: number; zone: "local" | "utc" }) {
  const { show = false, reducer = [], fields, countRows = false } = options.footer ?? {};
  const [calc] = reducer;
  if (!show || !calc) return null;
  const wanted = Array.isArray(fields) ? fields : fields ? [fields] : [];
  return (
    <tfoot>
      <tr>
        {columns.map((field, at) => {
          const isMeant = field.type === "number" && (!wanted.length || wanted.includes(nameOf(field)));
          const text = calc === "count" && countRows ? (at === 0 ? `${count} rows` : "") : isMeant ? shown(reduce(field.values, calc), calc === "count" ? PLAIN : (field.options ?? PLAIN), {}, "thresholds", zone).text : at === 0 ? calcName(calc) : "";
          return (
            <td key={nameOf(field)} class={isNumber(field) ? "number" : undefined}>
              {text}
            </td>
          );
        })}
      </tr>
    </tfoot>
  );
}
