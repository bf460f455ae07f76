// Log lines as the logs page shows them, out of Loki's streams.
import { plainText } from "./ansi";
import { takeApart } from "./line";
import { type Level, levelOf } from "./log_level";

export type Labels = Record<string, string>;

export interface LogRow {
  /** Tells it from all others shown, also from equal ones. */
  key: string;
  /** Nanoseconds since the epoch as text: more than a double holds. */
  ns: string;
  ms: number;
  line: string;
  /** Labels of the stream. */
  stream: Labels;
  metadata: Labels;
  /** What the query's stages found in the line. */
  parsed: Labels;
  level: Level;
  service: string;
}

export interface LogStream {
  stream: Labels;
  values: [string, string, { structuredMetadata?: Labels; parsed?: Labels }?][];
}

/** Parsers' remarks, which are no fields. */
export const HIDDEN = new Set(["__error__", "__error_details__", "trace_id_in_line"]);
const NO_LABELS: Labels = {};
const JSON_LEVEL = /"(?:level|severity)"\s*:\s*"?([A-Za-z0-9]+)/;

/** Rows of all streams, ordered by time; `newestFirst` as in the answer. */
export function rowsOf(streams: readonly LogStream[], newestFirst: boolean): LogRow[] {
  const rows: LogRow[] = [];
  for (const { stream, values } of streams) {
    const id = JSON.stringify(stream);
    for (const [ns, line, more] of values) rows.push(rowOf(id, stream, ns, line, more?.structuredMetadata ?? NO_LABELS, more?.parsed ?? NO_LABELS));
  }
  return numbered(rows.sort(newestFirst ? (a, b) => compare(b.ns, a.ns) : (a, b) => compare(a.ns, b.ns)));
}

/** Rows of a tail's message, in which metadata are among the labels. */
export function rowsOfTail(streams: readonly LogStream[], streamLabels: ReadonlySet<string>): LogRow[] {
  const rows: LogRow[] = [];
  for (const { stream, values } of streams) {
    const [own, other] = split(stream, (name) => streamLabels.has(name));
    const id = JSON.stringify(own);
    for (const [ns, line] of values) rows.push(rowOf(id, own, ns, line, other, NO_LABELS));
  }
  return rows;
}

function split(labels: Labels, isFirst: (name: string) => boolean): [Labels, Labels] {
  const entries = Object.entries(labels);
  return [Object.fromEntries(entries.filter(([name]) => isFirst(name))), Object.fromEntries(entries.filter(([name]) => !isFirst(name)))];
}

function rowOf(id: string, stream: Labels, ns: string, line: string, metadata: Labels, parsed: Labels): LogRow {
  const told = [metadata.detected_level, stream.detected_level, stream.level, parsed.level].map(levelOf).find((level) => level !== "unknown");
  const level = told ?? levelOf(JSON_LEVEL.exec(line.slice(0, 2000))?.[1]);
  return { key: `${ns} ${id} ${line}`, ns, ms: Number(ns.slice(0, -6)), line, stream, metadata, parsed, level, service: serviceOf(stream) };
}

function serviceOf(stream: Labels): string {
  return stream.service_name ?? stream.service ?? stream.app ?? stream.job ?? "";
}

/** Times as text; those of one length are in order as they are. */
export function compare(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rows with keys of their own: equal ones are counted. */
export function numbered(rows: LogRow[]): LogRow[] {
  const seen = new Map<string, number>();
  for (const row of rows) {
    const nth = seen.get(row.key) ?? 0;
    seen.set(row.key, nth + 1);
    if (nth) row.key += `\n${nth}`;
  }
  return rows;
}

/** The next page behind what is shown; entries of the last nanosecond come twice, and once are left out. */
export function joined(shown: readonly LogRow[], next: readonly LogRow[]): LogRow[] {
  const last = shown.at(-1)?.ns;
  const known = new Set<string>();
  for (let i = shown.length - 1; i >= 0 && shown[i]?.ns === last; i--) known.add(shown[i]?.key ?? "");
  return [...shown, ...next.filter((row) => !known.has(row.key))];
}

export interface Message {
  text: string;
  /** Other fields of a JSON or logfmt line. */
  fields: [string, string][];
}

const PAIR = /([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)/g;
const IS_LOGFMT = /^[A-Za-z_][\w.-]*=(?:"|\S*\s+[A-Za-z_][\w.-]*=)/;
const QUIET = new Set(["level", "lvl", "severity", "ts", "time", "timestamp", "t", "trace_id", "span_id", "traceID", "spanID", "msg", "message"]);

/** What a line says first, and what else: the message of a JSON or logfmt line, its other fields. */
export function messageOf(line: string): Message {
  const text = plainText(line);
  if (text.startsWith("{")) {
    const { message, fields } = takeApart(text);
    return { text: message, fields };
  }
  if (!IS_LOGFMT.test(text)) return { text: line, fields: [] };
  const pairs = [...text.matchAll(PAIR)].map(([, name = "", value = ""]): [string, string] => [name, unquoted(value)]);
  const message = pairs.find(([name]) => name === "msg" || name === "message")?.[1];
  if (message === undefined) return { text: line, fields: [] };
  return { text: message, fields: pairs.filter(([name]) => !QUIET.has(name)) };
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}

const TRACE = /"?(?:trace_?id|traceId|traceID)"?\s*[:=]\s*"?([0-9a-fA-F]{16,32})\b/i;

/** The trace that a line belongs to, as far as it says so plainly. */
export function traceOf(row: LogRow): string {
  for (const name of ["trace_id", "traceId", "traceID", "traceid"]) {
    const found = row.metadata[name] ?? row.parsed[name] ?? row.stream[name];
    if (found) return found;
  }
  return TRACE.exec(row.line)?.[1] ?? "";
}

/** A value by name for a column, wherever the row has it. */
export function valueOf(row: LogRow, name: string): string {
  const found = row.stream[name] ?? row.metadata[name] ?? row.parsed[name];
  if (found !== undefined) return found;
  return fieldsOfLine(row.line).find(([field]) => field === name)?.[1] ?? "";
}

/** Every field that a line itself has, by the names that LogQL's parsers give. */
export function fieldsOfLine(line: string): [string, string][] {
  const text = plainText(line).trim();
  if (text.startsWith("{")) {
    try {
      return flattened(JSON.parse(text) as unknown, "");
    } catch {
      return [];
    }
  }
  if (!IS_LOGFMT.test(text)) return [];
  return [...text.matchAll(PAIR)].map(([, name = "", value = ""]) => [name.replace(/\W/g, "_"), unquoted(value)]);
}

function flattened(value: unknown, prefix: string): [string, string][] {
  if (value === null || Array.isArray(value)) return [];
  if (typeof value !== "object") return prefix ? [[prefix, String(value)]] : [];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, (prefix ? `${prefix}_` : "") + key.replace(/[^A-Za-z0-9_]/g, "_")));
}

/** Which parser finds the fields of a line; empty for prose. */
export function parserOf(line: string): "json" | "logfmt" | "" {
  const text = plainText(line).trim();
  return text.startsWith("{") ? "json" : IS_LOGFMT.test(text) ? "logfmt" : "";
}
