// Annotations of a dashboard as marks on its charts.
import { queryRange } from "../data/prometheus_api";
import { reason } from "../data/overview";
import { isAbort } from "../data/api";
import type { Window } from "../data/time_range";
import type { Mark } from "../plot/model";
import { named } from "./colors";
import { gated } from "./gate";
import { builtIn, interpolate } from "./interpolate";
import { parseInterval, stepOf } from "./interval";
import { alertsOf } from "./others";
import { ask } from "./queries";
import { type Context, SCRAPE_MS } from "./run";
import type { Annotation, Panel } from "./types";

/** Marks of one annotation. */
export interface Marked {
  annotation: Annotation;
  marks: Mark[];
  error: string;
}

const MOST = 100;

export async function marksOf(annotation: Annotation, context: Context, signal: AbortSignal): Promise<Marked> {
  try {
    const marks = await gated(() => found(annotation, context, signal), signal);
    return { annotation, marks: marks.slice(0, MOST), error: "" };
  } catch (error) {
    if (isAbort(error)) throw error;
    return { annotation, marks: [], error: reason(error) };
  }
}

async function found(annotation: Annotation, context: Context, signal: AbortSignal): Promise<Mark[]> {
  const { window } = context;
  const color = named(annotation.color, "accent");
  const stepMs = stepOf(window.end - window.start, 500, parseInterval(annotation.step) ?? SCRAPE_MS);
  const own = builtIn({ startMs: window.start, endMs: window.end, stepMs, scrapeMs: SCRAPE_MS, title: context.dashboard.title, uid: context.dashboard.uid });
  const expr = interpolate(annotation.expr, new Map([...own, ...context.values]), { language: annotation.language });
  if (annotation.language === "promql") return ofMetric(annotation, { expr, stepMs, window, color }, signal);
  if (annotation.language === "logql") return ofLines(annotation, { expr, stepMs, window, color }, signal);
  if (annotation.language !== "alerts") return [];
  const alerts = await alertsOf(expr, signal);
  return alerts
    .map(({ labels, annotations, startsAt, fingerprint }) => ({ at: Date.parse(startsAt), title: labels.alertname ?? "alert", text: annotations.summary ?? "", color, href: `/alerts/${fingerprint}` }))
    .filter(({ at }) => at >= window.start && at <= window.end);
}

interface Question {
  expr: string;
  stepMs: number;
  window: Window;
  color: string;
}

/** A span wherever a series is above zero. */
async function ofMetric(annotation: Annotation, { expr, stepMs, window, color }: Question, signal: AbortSignal): Promise<Mark[]> {
  const aligned = { start: Math.floor(window.start / stepMs) * stepMs, end: Math.floor(window.end / stepMs) * stepMs };
  const { data } = await queryRange(expr, aligned, stepMs / 1000, signal);
  if (data.resultType !== "matrix") return [];
  return data.result.flatMap(({ metric, values = [] }) => {
    const title = filled(annotation.titleFormat, metric) || metric.alertname || annotation.name;
    const text = filled(annotation.textFormat, metric) || annotation.tagKeys.map((key) => metric[key]).filter(Boolean).join(", ");
    if (annotation.useValueForTime) return [...new Set(values.map(([, value]) => Number(value)))].map((at) => ({ at, title, text, color }));
    const marks: Mark[] = [];
    let last = Number.NEGATIVE_INFINITY;
    for (const [seconds, value] of values) {
      if (!(Number(value) > 0)) continue;
      const at = seconds * 1000;
      const open = marks.at(-1);
      if (open && at - last <= stepMs * 1.5) open.until = at;
      else marks.push({ at, title, text, color });
      last = at;
    }
    return marks;
  });
}

async function ofLines(annotation: Annotation, { expr, stepMs, window, color }: Question, signal: AbortSignal): Promise<Mark[]> {
  const target = { refId: "Anno", language: "logql" as const, instant: false, range: true, limit: MOST, direction: "" as const, format: "logs" as const };
  const { frames } = await ask({ target: { ...target, datasource: annotation.datasource, expr, hide: false, legendFormat: "", interval: "", intervalFactor: 1, exemplar: false, queryType: "", panelId: null, withTransforms: false, parameters: {}, reason: "" }, expr, legend: "", window, stepMs, points: MOST }, signal);
  return frames.flatMap(({ kind, fields: [times, lines, labels] }) =>
    kind !== "logs" || !times || !lines ? [] : times.values.map((at, i) => {
      const stream = (labels?.values[i] ?? {}) as Record<string, string>;
      return { at: Number(at), title: filled(annotation.titleFormat, stream) || annotation.name, text: filled(annotation.textFormat, stream) || String(lines.values[i] ?? "").slice(0, 300), color };
    }),
  );
}

const filled = (template: string, labels: Record<string, string>): string => template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels[name] ?? "").trim();

/** Whether an annotation's marks belong on a panel. */
export function isOn({ panels, exclude }: Annotation, { id }: Panel): boolean {
  return !panels.length || panels.includes(id) !== exclude;
}
