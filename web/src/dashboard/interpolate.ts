// Variables in texts: `$name`, `${name:format}`, `${name.field}`, `[[name:format]]`, as in Grafana.
// The server does the same (appliance/dashboards/interpolate.py); interpolate.cases.json there holds both together.
import { promDuration } from "../data/prometheus_api";
import { quotedRegex } from "./quoting";
import { formatted } from "./formats";

export const ALL = "$__all";
export const AUTO = "$__auto";

/** What a variable stands for now. */
export interface Value {
  /** The chosen ones; of "All" without a text of its own: all there are. */
  values: readonly string[];
  /** As people read them. */
  texts?: readonly string[];
  /** Whether several can be chosen: single values are then escaped as several are. */
  multi?: boolean;
  /** Stands for "All" as it is, in no format. */
  literal?: string | null;
}

export type Values = ReadonlyMap<string, Value>;

/** What built-in variables are made of; times in milliseconds. */
export interface Moment {
  startMs: number;
  endMs: number;
  /** The time between points. */
  stepMs: number;
  /** The time between samples. */
  scrapeMs: number;
  title: string;
  uid: string;
}

const VARIABLE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/**
 * A text with variables replaced; unknown ones stay as they are.
 * `language`: `promql`, `logql` or `traceql` makes what stands in a query fit its quotes.
 */
export function interpolate(text: string, values: Values, { language = "", form: usual = "" } = {}): string {
  return text.replace(VARIABLE, (match, plain, old, oldForm, name, field, form) => {
    const variable = String(plain ?? old ?? name);
    const wanted = String(oldForm ?? form ?? "");
    const value = values.get(field ? `${variable}.${String(field)}` : variable);
    if (!value) return match;
    if (typeof value.literal === "string" && ["", "regex", "pipe", "raw"].includes(wanted)) return value.literal;
    if (!wanted && language) return inQuery(value, language);
    return formatted(value, wanted || usual, variable);
  });
}

/** Names of the variables in a text, in its order, each once. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1] ?? match[2] ?? match[4] ?? ""))];
}

/** The time that `$__rate_interval` stands for: at least four samples, and one more than a step. */
export function rateIntervalMs(stepMs: number, scrapeMs: number): number {
  return Math.max(stepMs + scrapeMs, 4 * scrapeMs);
}

/** The variables that every dashboard has. */
export function builtIn(moment: Moment): Map<string, Value> {
  const span = Math.max(moment.endMs - moment.startMs, 0);
  const seconds = Math.round(span / 1000);
  const rate = rateIntervalMs(moment.stepMs, moment.scrapeMs);
  const plain: Record<string, string> = {
    __interval: promDuration(moment.stepMs),
    __interval_ms: String(moment.stepMs),
    __rate_interval: promDuration(rate),
    __rate_interval_ms: String(rate),
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(span),
    __from: String(moment.startMs),
    __to: String(moment.endMs),
    __dashboard: moment.title,
    "__dashboard.uid": moment.uid,
    __org: "1",
    "__org.name": "Main Org.",
    __user: "1",
    "__user.login": "anonymous",
    "__user.email": "",
    __auto: promDuration(moment.stepMs),
    __timezone: "browser",
  };
  return new Map(Object.entries(plain).map(([name, value]) => [name, { values: [value] }]));
}

/** Without a format: several values become alternatives of a regular expression. */
function inQuery(value: Value, language: string): string {
  if (language === "traceql") return value.values.join("|");
  if (!value.multi && value.values.length === 1) return (value.values[0] ?? "").replaceAll("\\", "\\\\");
  const escaped = value.values.map(quotedRegex);
  return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.join("|")})`;
}
