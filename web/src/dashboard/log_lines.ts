// Log lines of a panel: what the logs page knows about a line, for rows of frames.
import { type LogRow, messageOf, rowsOf, traceOf } from "../data/log_row";
import type { DataFrame } from "./frames";

export interface ShownLine {
  at: number;
  line: string;
  message: string;
  labels: Record<string, string>;
  level: string;
  service: string;
  trace: string;
  /** Equal ones that follow it and are not shown. */
  more: number;
}

export interface LineOptions {
  newestFirst: boolean;
  /** none, exact, numbers, signature */
  dedup: string;
  isPretty: boolean;
}

export function shownLines(frames: readonly DataFrame[], { newestFirst, dedup, isPretty }: LineOptions): ShownLine[] {
  const streams = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === "time");
    const precise = frame.fields.find(({ name }) => name === "tsNs");
    const texts = frame.fields.find(({ name }) => /^(?:line|body|message)$/i.test(name)) ?? frame.fields.find(({ type, name }) => type === "string" && name !== "tsNs");
    const labels = frame.fields.find(({ name }) => name === "labels");
    if (!texts) return [];
    return texts.values.map((text, row) => {
      const ns = String(precise?.values[row] ?? `${Math.round(Number(times?.values[row] ?? 0))}000000`);
      return { stream: (labels?.values[row] ?? {}) as Record<string, string>, values: [[ns, String(text ?? "")] as [string, string]] };
    });
  });
  const lines = rowsOf(streams, newestFirst).map((row) => shownLine(row, isPretty));
  if (!dedup || dedup === "none") return lines;
  return lines.reduce<ShownLine[]>((kept, line) => {
    const last = kept.at(-1);
    if (last && likeness(last.line, dedup) === likeness(line.line, dedup)) last.more += 1;
    else kept.push(line);
    return kept;
  }, []);
}

function shownLine(row: LogRow, isPretty: boolean): ShownLine {
  const { text, fields } = messageOf(row.line);
  const told = fields.slice(0, 8).map(([name, value]) => `${name}=${value}`).join(" ");
  return { at: row.ms, line: row.line, message: isPretty ? pretty(row.line) : `${text}${told ? ` ${told}` : ""}`, labels: row.stream, level: row.level, service: row.service, trace: traceOf(row), more: 0 };
}

function pretty(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), null, 2);
  } catch {
    return line;
  }
}

/** What lines have in common that count as one. */
function likeness(text: string, how: string): string {
  if (how === "numbers") return text.replace(/\d/g, "");
  return how === "signature" ? text.replace(/\w+/g, "") : text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "");
}
