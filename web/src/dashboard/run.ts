// Loads what a panel shows: its queries asked, the answers transformed and configured.
import { isAbort } from "../data/api";
import { promDuration } from "../data/prometheus_api";
import type { Window } from "../data/time_range";
import type { Dot } from "../plot/model";
import { type AdhocFilter, withFilters } from "./adhoc";
import { exemplars } from "./exemplars";
import { configured } from "./field_config";
import type { DataFrame } from "./frames";
import { gated } from "./gate";
import { builtIn, interpolate, type Values } from "./interpolate";
import { parseInterval, stepOf } from "./interval";
import { alertFrame, mapFrame, spansFrame, writtenFrames } from "./others";
import { ask, type Ready, type Result } from "./queries";
import { transformed } from "./transform/apply";
import type { Dashboard, Panel, Target } from "./types";

/** The time between samples when nothing says it, as in Grafana. */
export const SCRAPE_MS = 15_000;
/** Frames of one query that are shown. */
const MOST_FRAMES = 300;

/** What queries of a dashboard are asked with. */
export interface Context {
  dashboard: Dashboard;
  /** Variables, without those that depend on the step. */
  values: Values;
  filters: readonly AdhocFilter[];
  window: Window;
}

export interface Asked {
  refId: string;
  language: string;
  expr: string;
  stepMs: number;
  tookMs: number;
  error: string;
}

export interface PanelData {
  frames: DataFrame[];
  /** As the queries gave them. */
  raw: DataFrame[];
  asked: Asked[];
  warnings: string[];
  dots: Dot[];
  window: Window;
  stepMs: number;
  /** With the panel's own built-in variables. */
  values: Values;
}

/** The panel's own window: `timeFrom` is a length until now, `timeShift` moves it back. */
export function windowOf({ timeFrom, timeShift }: Panel, { start, end }: Window, values: Values): Window {
  const own = parseInterval(interpolate(timeFrom, values).replace(/^now-/, ""));
  const moved = parseInterval(interpolate(timeShift, values).replace(/^-/, "")) ?? 0;
  const length = own ?? end - start;
  return { start: end - length - moved, end: end - moved };
}

interface Step {
  stepMs: number;
  scrapeMs: number;
}

/** The step of a query on a panel so many pixels wide. */
export function targetStep(panel: Panel, target: Target, window: Window, { width, values }: { width: number; values: Values }): Step {
  const points = panel.maxDataPoints ?? Math.max(50, Math.round(width));
  const least = parseInterval(interpolate(target.interval || panel.interval, values));
  const stepMs = stepOf(window.end - window.start, points, least ?? SCRAPE_MS, target.intervalFactor || 1);
  return { stepMs, scrapeMs: least ?? SCRAPE_MS };
}

function panelValues({ values, dashboard }: Context, window: Window, { stepMs, scrapeMs }: Step, scoped: Values): Values {
  const own = builtIn({ startMs: Math.round(window.start), endMs: Math.round(window.end), stepMs, scrapeMs, title: dashboard.title, uid: dashboard.uid });
  return new Map([...own, ...values, ...scoped]);
}

/** Everything a panel shows. Errors of single queries are in `asked`. */
export async function load(panel: Panel, context: Context, { scoped, width }: { scoped: Values; width: number }, signal: AbortSignal): Promise<PanelData> {
  const window = windowOf(panel, context.window, new Map([...context.values, ...scoped]));
  const inner: Context = { ...context, window };
  const targets = panel.targets.filter(({ hide, language }) => !hide && language);
  const answers = await Promise.all(targets.map((target) => one(panel, target, inner, { scoped, width }, signal)));
  const raw = answers.flatMap(({ result }) => result.frames);
  const step = targets[0] ? targetStep(panel, targets[0], window, { width, values: context.values }) : { stepMs: SCRAPE_MS, scrapeMs: SCRAPE_MS };
  const values = panelValues(context, window, step, scoped);
  const frames = configured(transformed(raw, panel.transformations, values), panel.fieldConfig, values);
  return { frames, raw, asked: answers.map(({ asked }) => asked), warnings: [...new Set(answers.flatMap(({ result }) => result.warnings))], dots: answers.flatMap(({ dots }) => dots), window, stepMs: step.stepMs, values };
}

interface Answered {
  result: Result;
  asked: Asked;
  dots: Dot[];
}

async function one(panel: Panel, target: Target, context: Context, at: { scoped: Values; width: number }, signal: AbortSignal): Promise<Answered> {
  const step = targetStep(panel, target, context.window, { width: at.width, values: context.values });
  const values = panelValues(context, context.window, step, at.scoped);
  const language = ["promql", "logql", "traceql"].includes(target.language) ? target.language : "";
  const plain = interpolate(target.expr, values, { language, form: language ? "" : "raw" }).trim();
  const asked: Asked = { refId: target.refId, language: target.language, expr: plain, stepMs: step.stepMs, tookMs: 0, error: "" };
  const nothing: Answered = { result: { frames: [], warnings: [] }, asked, dots: [] };
  if (language && !plain) return nothing;
  const before = performance.now();
  try {
    asked.expr = withFilters(plain, context.filters, language);
    const legend = interpolate(target.legendFormat, values);
    const ready: Ready = { target, expr: asked.expr, legend, window: context.window, stepMs: step.stepMs, points: at.width };
    const result = language ? await gated(() => ask(ready, signal), signal) : await special(panel, ready, context, at, signal);
    const dots = target.exemplar && language === "promql" ? await exemplars(asked.expr, context.window, signal) : [];
    asked.tookMs = performance.now() - before;
    return { result: capped(result), asked, dots };
  } catch (error) {
    if (isAbort(error)) throw error;
    asked.tookMs = performance.now() - before;
    asked.error = error instanceof Error ? error.message : String(error);
    return nothing;
  }
}

async function special(panel: Panel, { target, expr, window }: Ready, context: Context, at: { scoped: Values; width: number }, signal: AbortSignal): Promise<Result> {
  const { refId } = target;
  const frames = async (): Promise<DataFrame[]> => {
    switch (target.language) {
      case "alerts":
        return [await gated(() => alertFrame(expr, refId, signal), signal)];
      case "serviceMap":
        return [await gated(() => mapFrame(window, refId, signal), signal)];
      case "trace":
        return expr ? [await gated(() => spansFrame(expr, refId, signal), signal)] : [];
      case "testdata":
        return writtenFrames(target, window);
      default:
        return ofPanel(panel, target, context, at, signal);
    }
  };
  return { frames: await frames(), warnings: [] };
}

/** The answer of another panel; one that takes from panels itself gives nothing, so that none goes in circles. */
async function ofPanel(panel: Panel, target: Target, context: Context, at: { scoped: Values; width: number }, signal: AbortSignal): Promise<DataFrame[]> {
  const other = context.dashboard.rows.flatMap(({ panels }) => panels).find(({ id }) => id === target.panelId);
  if (!other || other.id === panel.id) throw new Error(`there is no panel ${target.panelId} to take the answer from`);
  const targets = other.targets.filter(({ language }) => language !== "panel");
  const data = await load({ ...other, targets, timeFrom: panel.timeFrom, timeShift: panel.timeShift }, context, at, signal);
  return target.withTransforms ? data.frames : data.raw;
}

function capped({ frames, warnings }: Result): Result {
  if (frames.length <= MOST_FRAMES) return { frames, warnings };
  return { frames: frames.slice(0, MOST_FRAMES), warnings: [...warnings, `The first ${MOST_FRAMES} of ${frames.length} series are shown.`] };
}

/** `15s` of a step. */
export function stepText(stepMs: number): string {
  return promDuration(stepMs);
}
