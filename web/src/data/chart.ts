// What a chart needs from the server, and what it makes of the answer.
import { isCounter, unitOf } from "./metric";
import { queryRange } from "./prometheus";
import { align, cut, type Frame, largest, perSecond, type Steps } from "./series";
import { type ChartState, selector, stepFor } from "./url";

/** More lines than this cannot be told apart. */
const MOST_SERIES = 20;
/** Rates look back over this many seconds at least, as scrapes are 15 s apart. */
const RATE_WINDOW = 60;

export interface Drawing {
  metric: string;
  frame: Frame;
  steps: Steps;
  /** Id of data/units.ts. */
  unit: string;
  isRate: boolean;
}

/** Steps of a window that ends at `endMs`; the grid stands still while time moves on. */
export function stepsOf(range: number, endMs: number): Steps {
  const step = stepFor(range);
  const end = Math.floor(endMs / 1000 / step) * step;
  return { start: end - Math.floor(range / step) * step, end, step };
}

/** Fetches and prepares; the rate is taken here, over a minute or two steps. */
export async function draw(metric: string, state: ChartState, nowMs: number, signal: AbortSignal): Promise<Drawing> {
  const steps = stepsOf(state.range, state.end ?? nowMs);
  const back = Math.max(2, Math.ceil(RATE_WINDOW / steps.step));
  const longer = { ...steps, start: steps.start - back * steps.step };
  const matrix = await queryRange(selector(metric), longer, signal);
  const prepared = prepare(metric, align(matrix, longer), back, state.mode);
  return { metric, steps, unit: unitOf(metric, prepared.isRate), ...prepared };
}

/** Chooses between value and rate, cuts the look-back off, keeps the largest series. */
export function prepare(metric: string, frame: Frame, back: number, mode: ChartState["mode"]): { frame: Frame; isRate: boolean } {
  const rows = frame.columns.map((column) => column.values);
  const wantsRate = mode === "rate" || (mode === "auto" && isCounter(metric, rows));
  const rates = wantsRate ? perSecond(frame, back) : frame;
  // A counter seen for the first time has no rate yet; its value is better than nothing.
  const isRate = wantsRate && (mode === "rate" || rates.columns.some((column) => column.values.some((value) => value !== null)));
  return { frame: largest(cut(isRate ? rates : frame, back), MOST_SERIES), isRate };
}
