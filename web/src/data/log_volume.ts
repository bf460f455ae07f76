// How many lines there are over time, by level: the query for it, and what comes back as a frame.
import type { Frame, Series } from "../plot/model";
import { type Level, LEVELS, levelOf } from "./log_level";
import type { Window } from "./time_range";
import { pipelineOf } from "./logql_text";

/** Bars of at most this many; steps are round numbers of seconds. */
const MOST_BARS = 90;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** The length of a bar in seconds. */
export function volumeStep(window: Window): number {
  const seconds = (window.end - window.start) / 1000;
  return STEPS.find((step) => seconds / step <= MOST_BARS) ?? Math.ceil(seconds / MOST_BARS);
}

/** Lines by level and step. `hasNumbers`: lines say 30 for info, which `detected_level` does not know. */
export function volumeQuery(query: string, step: number, hasNumbers: boolean): string {
  const pipeline = pipelineOf(query);
  if (!pipeline) return "";
  let text = query.slice(pipeline.start, pipeline.end);
  const parses = (pattern: RegExp): boolean => pipeline.stages.some((stage) => pattern.test(stage.text));
  const needsLevel = hasNumbers && !parses(/^\|\s*json(\s*$|\s+level\b)/);
  if (needsLevel) text += ' | json level="level"';
  if (needsLevel || parses(/^\|\s*(json|logfmt|regexp|pattern|unpack|label_format|line_format)\b/) || parses(/^\|[^=~>]*[<>]/)) text += " | drop __error__, __error_details__";
  return `sum by (detected_level${hasNumbers ? ", level" : ""}) (count_over_time(${text}[${step}s]))`;
}

export interface Volume {
  frame: Frame;
  /** Milliseconds: the first and the last bar's ends. */
  window: Window;
  totals: Map<Level, number>;
  total: number;
}

interface LevelSeries {
  metric: Record<string, string>;
  values?: [number, string][];
}

/** Counts on a whole grid of bars, each at its start; levels from the worst on. */
export function volumeOf(result: readonly LevelSeries[], window: Window, step: number): Volume {
  const first = Math.floor(window.start / 1000 / step) * step;
  const count = Math.ceil((window.end / 1000 - first) / step);
  const times = Array.from({ length: count }, (_, i) => first + i * step);
  const columns = new Map<Level, number[]>();
  const totals = new Map<Level, number>();
  for (const { metric, values = [] } of result) {
    const detected = levelOf(metric.detected_level);
    const level = detected === "unknown" ? levelOf(metric.level) : detected;
    const column = columns.get(level) ?? new Array<number>(count).fill(0);
    columns.set(level, column);
    for (const [at, text] of values) {
      // A point counts the step before it.
      const index = Math.round((at - first) / step) - 1;
      if (index < 0 || index >= count) continue;
      column[index] = (column[index] ?? 0) + Number(text);
      totals.set(level, (totals.get(level) ?? 0) + Number(text));
    }
  }
  const series: Series[] = LEVELS.flatMap((level) => {
    const values = columns.get(level);
    return values && totals.get(level) ? [{ name: level, values: values.map((value) => value || null) }] : [];
  });
  const total = [...totals.values()].reduce((sum, value) => sum + value, 0);
  return { frame: { times, series }, window: { start: first * 1000, end: (first + count * step) * 1000 }, totals, total };
}
