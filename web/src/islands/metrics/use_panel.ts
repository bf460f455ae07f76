// The answer of one panel: asked when it, the window or the query changes, ready to be drawn.
import { useMemo } from "preact/hooks";
import { DENSITIES, type Panel } from "../../data/panels";
import { type Answer, type QueryData, type QuerySeries, queryInstant, queryRange } from "../../data/prometheus_api";
import { align } from "../../data/series";
import type { Window } from "../../data/time_range";
import { stepFor } from "../../data/url";
import { type Loaded, useLoad } from "../../parts/hooks";
import type { Frame } from "../../plot/model";

/** Series that are drawn unasked, and those that are drawn at all. */
export const USUAL_SERIES = 200;
export const MOST_SERIES = 1000;

export interface Result {
  isGraph: boolean;
  window: Window;
  /** Seconds. */
  step: number;
  answer: Answer<QueryData>;
  /** Milliseconds until the answer was here. */
  took: number;
}

/** Seconds between the points of a panel. */
export function stepOf(panel: Panel, window: Window): number {
  return panel.step ?? stepFor((window.end - window.start) / 1000, DENSITIES[panel.density]);
}

export function usePanel(panel: Panel, window: Window, tick: number): Loaded<Result> {
  const step = stepOf(panel, window);
  const isGraph = panel.tab === "graph";
  const isAsked = panel.expr !== "" && panel.tab !== "explain";
  const ask = async (signal: AbortSignal): Promise<Result> => {
    const began = performance.now();
    const answer = isGraph ? await queryRange(panel.expr, aligned(window, step), step, signal) : await queryInstant(panel.expr, window.end, signal);
    return { isGraph, window, step, answer, took: performance.now() - began };
  };
  return useLoad(isAsked ? ask : null, [panel.expr, panel.tab, step, window.start, window.end, tick]);
}

/** Steps lie on multiples of the step, so that a moving window does not change the values. */
export function aligned(window: Window, step: number): Window {
  const size = step * 1000;
  return { start: Math.floor(window.start / size) * size, end: Math.floor(window.end / size) * size };
}

export interface Drawn {
  frame: Frame;
  /** Names of the labels that tell the series apart. */
  keys: string[];
  total: number;
}

/** Columns of a range answer, at most `most` of them. */
export function useDrawn(result: Result, most: number): Drawn {
  return useMemo(() => drawn(seriesOf(result.answer.data), result, most), [result, most]);
}

export function seriesOf(data: QueryData): QuerySeries[] {
  return data.resultType === "matrix" || data.resultType === "vector" ? data.result : [];
}

function drawn(series: readonly QuerySeries[], { window, step }: Result, most: number): Drawn {
  const { start, end } = aligned(window, step);
  const matrix = series.slice(0, most).map(({ metric, values = [] }) => ({ metric, values }));
  const { times, columns, keys } = align(matrix, { start: start / 1000, end: end / 1000, step });
  return { frame: { times, series: columns }, keys, total: series.length };
}

/** How many series, or which kind of answer, in words. */
export function countOf(data: QueryData): number {
  return data.resultType === "matrix" || data.resultType === "vector" ? data.result.length : 1;
}
