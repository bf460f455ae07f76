// A log line as message and fields: JSON lines are told apart, everything else is only a message.

export interface Line {
  message: string;
  /** Level as the line itself states it; empty when it does not. */
  level: string;
  /** What else a JSON line says, in its order, values as text. */
  fields: [string, string][];
}

const MESSAGE = ["msg", "message", "event", "body"];
/** Shown in columns of their own, or too long to be worth a line's room; the opened row has them. */
const REPEATED = new Set(["trace_id", "span_id", "traceId", "spanId", "trace_flags", "level", "severity", "time", "timestamp", "ts", "pid", "hostname", "service", "v"]);

/** Takes a line apart. Never throws: what is no JSON object is shown as it is. */
export function takeApart(text: string): Line {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return { message: text, level: "", fields: [] };
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(trimmed) as Record<string, unknown>;
  } catch {
    return { message: text, level: "", fields: [] };
  }
  const key = MESSAGE.find((name) => typeof parsed[name] === "string");
  if (!key) return { message: text, level: "", fields: [] };
  const fields = Object.entries(parsed)
    .filter(([name]) => name !== key && !REPEATED.has(name))
    .map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  // Identifiers say least; they go last.
  const isId = ([name]: [string, string]): number => Number(/(^|[_.])(id|uuid)$|[a-z]Id$/.test(name));
  fields.sort((a, b) => isId(a) - isId(b));
  const level = parsed.level ?? parsed.severity ?? "";
  return { message: parsed[key] as string, level: String(level), fields };
}

export type Severity = "error" | "warn" | "info" | "debug" | "none";

/** The kind of a level however it is spelled: names, OTLP or Pino numbers. */
export function severity(level: string): Severity {
  const text = level.toLowerCase();
  const pino = /^[1-6]0$/.test(text) ? Number(text) / 10 : 0;
  if (pino) return pino >= 5 ? "error" : pino === 4 ? "warn" : pino === 3 ? "info" : "debug";
  if (/^(err|fatal|crit|alert|emerg|panic|severe)/.test(text)) return "error";
  if (text.startsWith("warn")) return "warn";
  if (/^(info|notice)/.test(text)) return "info";
  if (/^(debug|trace|verbose|fine)/.test(text)) return "debug";
  return "none";
}
