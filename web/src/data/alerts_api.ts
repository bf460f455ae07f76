// What the pages of alerts ask the server and tell it.
import type { AlertRow, AlertsDocument } from "./alerts";
import { get, post } from "./api";
import { series as logSeries } from "./loki_api";
import { type QuerySeries, queryRange } from "./prometheus_api";
import type { Window } from "./time_range";

export function alerts(matchers: string, options: { hasResolved: boolean; limit: number | null }, signal?: AbortSignal): Promise<AlertsDocument> {
  return get("/alerts.json", { m: matchers || null, resolved: options.hasResolved ? "1" : null, limit: options.limit }, signal);
}

export function acknowledge(fingerprints: readonly string[], by: string, comment = ""): Promise<unknown> {
  return post("/api/ui/alerts/ack", { fingerprints, by, comment });
}

export function unacknowledge(ack: { kind: "alert" | "group"; key: string }, by: string): Promise<unknown> {
  return post("/api/ui/alerts/unack", ack.kind === "group" ? { group: ack.key, by } : { fingerprints: [ack.key], by });
}

export interface Matched {
  matchers: string;
  count: number;
  alerts: AlertRow[];
}

/** What matchers would silence now. */
export function preview(matchers: string, signal?: AbortSignal): Promise<Matched> {
  return get("/silences/new.json", { m: matchers }, signal);
}

export interface SilenceGiven {
  id?: string;
  m: string;
  /** RFC 3339. */
  startsAt: string;
  endsAt: string;
  by: string;
  comment: string;
}

interface MatcherShape {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual: boolean;
}

/** Makes a silence, or changes one; its id. */
export async function silence(given: SilenceGiven, matchers: readonly MatcherShape[]): Promise<string> {
  const made = await post<{ silenceID: string }>("/api/v2/silences", {
    ...(given.id ? { id: given.id } : {}),
    matchers,
    startsAt: given.startsAt,
    endsAt: given.endsAt,
    createdBy: given.by,
    comment: given.comment,
  });
  return made.silenceID;
}

/** Matchers of a text as API v2 has them; the text is one that the server has printed. */
export function shapes(matchers: readonly string[]): MatcherShape[] {
  return matchers.map((text) => {
    const match = /^("(?:[^"\\]|\\.)*"|[^=!~"]+)(=~|!~|!=|=)([\s\S]*)$/.exec(text);
    const [, name = "", op = "=", value = ""] = match ?? [];
    return { name: unquoted(name), value: unquoted(value), isRegex: op.endsWith("~"), isEqual: !op.startsWith("!") };
  });
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  if (!/^".*"$/s.test(trimmed)) return trimmed;
  return trimmed.slice(1, -1).replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
}

/** Values over a window, as series, whatever the language of the rule; null where it cannot be drawn. */
export async function valuesOf(language: string, expr: string, window: Window, points: number, signal?: AbortSignal): Promise<QuerySeries[] | null> {
  const step = Math.max(5, Math.ceil((window.end - window.start) / 1000 / points));
  if (language === "promql") {
    const { data } = await queryRange(expr, window, step, signal);
    return data.resultType === "matrix" ? data.result : null;
  }
  return language === "logql" ? logSeries(expr, window, step, signal) : null;
}
