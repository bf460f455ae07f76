// Queries that are no query languages: alerts, the service map, one trace, data written into the dashboard.
import { get } from "../data/api";
import type { Window } from "../data/time_range";
import { type DataFrame, field, type FieldType } from "./frames";
import { numberOf } from "./reduce";
import type { Target } from "./types";

export interface AlertFound {
  fingerprint: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  status: { state: string };
}

/** Alerts that matchers choose, the newest first. */
export async function alertsOf(matchers: string, signal: AbortSignal): Promise<AlertFound[]> {
  const filter = matchers.trim().replace(/^\{|\}$/g, "").split(/,(?=\s*[a-zA-Z_]\w*\s*[=!])/).map((one) => one.trim()).filter(Boolean);
  const found = await get<AlertFound[]>("/api/v2/alerts", { filter }, signal);
  return found.sort((a, b) => Date.parse(b.startsAt) - Date.parse(a.startsAt));
}

export async function alertFrame(expr: string, refId: string, signal: AbortSignal): Promise<DataFrame> {
  const alerts = await alertsOf(expr, signal);
  const names = [...new Set(alerts.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return {
    refId,
    name: refId,
    kind: "table",
    fields: [
      field("Time", "time", alerts.map(({ startsAt }) => Date.parse(startsAt))),
      field("state", "string", alerts.map(({ status }) => status.state)),
      ...names.map((name) => field(name, "string", alerts.map(({ labels }) => labels[name] ?? null))),
      field("summary", "string", alerts.map(({ annotations }) => annotations.summary ?? annotations.description ?? "")),
    ],
  };
}

interface Dependency {
  parent: string;
  child: string;
  callCount: number;
}

/** Who calls whom: source, target, calls. */
export async function mapFrame(window: Window, refId: string, signal: AbortSignal): Promise<DataFrame> {
  const { data } = await get<{ data: Dependency[] }>("/api/dependencies", { endTs: Math.round(window.end), lookback: Math.round(window.end - window.start) }, signal);
  return {
    refId,
    name: refId,
    kind: "table",
    fields: [
      field("source", "string", data.map(({ parent }) => parent)),
      field("target", "string", data.map(({ child }) => child)),
      field("calls", "number", data.map(({ callCount }) => callCount)),
    ],
  };
}

interface OtlpSpan {
  spanId: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

interface OtlpTrace {
  batches?: { resource?: { attributes?: { key: string; value?: { stringValue?: string } }[] }; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
}

/** The spans of one trace as rows. */
export async function spansFrame(id: string, refId: string, signal: AbortSignal): Promise<DataFrame> {
  const { batches = [] } = await get<OtlpTrace>(`/api/traces/${encodeURIComponent(id)}`, {}, signal);
  const rows = batches.flatMap(({ resource, scopeSpans = [] }) => {
    const service = resource?.attributes?.find(({ key }) => key === "service.name")?.value?.stringValue ?? "";
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({ service, span })));
  });
  rows.sort((a, b) => Number(a.span.startTimeUnixNano) - Number(b.span.startTimeUnixNano));
  const ms = (ns: string): number => Number(ns) / 1e6;
  return {
    refId,
    name: id,
    kind: "traces",
    fields: [
      field("Trace ID", "string", rows.map(() => id)),
      field("Start", "time", rows.map(({ span }) => ms(span.startTimeUnixNano))),
      field("Service", "string", rows.map(({ service }) => service)),
      field("Name", "string", rows.map(({ span }) => span.name)),
      field("Duration", "number", rows.map(({ span }) => ms(span.endTimeUnixNano) - ms(span.startTimeUnixNano))),
    ],
  };
}

/** What a dashboard has as test data: CSV, points or frames. */
export function writtenFrames({ queryType, parameters, refId }: Target, window: Window): DataFrame[] {
  if (queryType === "csv_content") return csvFrame(String(parameters.csvContent ?? ""), refId);
  if (queryType === "manual_entry") {
    const points = (parameters.points ?? []) as [number, number][];
    return [{ refId, name: refId, kind: "series", fields: [field("Time", "time", points.map(([, at]) => at)), field("Value", "number", points.map(([value]) => value))] }];
  }
  if (queryType !== "raw_frame") return [];
  const made = JSON.parse(String(parameters.rawFrameContent ?? "[]")) as { name?: string; fields?: { name: string; type: FieldType; values: unknown[]; labels?: Record<string, string> }[] }[];
  return made.map(({ name = "", fields = [] }) => ({ refId, name, kind: fields.some(({ type }) => type === "time") ? "series" : "table", fields: fields.map((one) => field(one.name, one.type, one.type === "time" ? one.values.map((value) => (typeof value === "string" ? Date.parse(value) : (value ?? window.start))) : one.values, one.labels)) }));
}

function csvFrame(text: string, refId: string): DataFrame[] {
  const [head, ...lines] = text.trim().split("\n").map((line) => line.split(",").map((cell) => cell.trim().replace(/^"|"$/g, "")));
  if (!head) return [];
  const fields = head.map((name, at) => {
    const cells = lines.map((line) => (line[at] === undefined || line[at] === "" || line[at] === "null" ? null : line[at]));
    const isNumbers = cells.some((cell) => cell !== null) && cells.every((cell) => cell === null || numberOf(cell) !== null);
    const isTime = /^time$/i.test(name);
    return field(name, isTime ? "time" : isNumbers ? "number" : "string", isTime ? cells.map((cell) => (isNumbers ? Number(cell) : Date.parse(String(cell)))) : isNumbers ? cells.map(numberOf) : cells);
  });
  return [{ refId, name: refId, kind: fields[0]?.type === "time" ? "series" : "table", fields }];
}
