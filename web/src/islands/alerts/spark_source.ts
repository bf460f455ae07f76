// Values behind the sparklines: each expression is asked once for a window, few at a time.
import { seriesOf } from "../../data/alerts";
import { valuesOf } from "../../data/alerts_api";
import type { QuerySeries } from "../../data/prometheus_api";
import type { Window } from "../../data/time_range";

/** Questions that wait or run; beyond these a row has no line until it is scrolled to again. */
const MOST = 20;
const AT_A_TIME = 3;
const POINTS = 60;

type Found = Promise<QuerySeries[] | null>;

const known = new Map<string, Found>();
const waiting: (() => void)[] = [];
let running = 0;
let window: Window = { start: 0, end: 0 };

/** The series of an expression; asked again when the window is another one. Null: not drawn. */
export function sparkValues(language: string, expr: string, asked: Window): Found {
  if (asked.start !== window.start || asked.end !== window.end) {
    window = asked;
    known.clear();
  }
  const key = `${language} ${expr}`;
  const found = known.get(key);
  if (found) return found;
  if (waiting.length + running >= MOST) return Promise.resolve(null);
  const made = queued(() => valuesOf(language, expr, asked, POINTS)).catch(() => null);
  known.set(key, made);
  return made;
}

async function queued<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** One alert's values, evenly spaced over the window; null is a gap. */
export function lineOf(found: readonly QuerySeries[], row: Parameters<typeof seriesOf>[1], asked: Window): (number | null)[] | null {
  const series = seriesOf(found, row);
  const values = series?.values ?? [];
  if (!values.length) return null;
  const line: (number | null)[] = Array.from({ length: POINTS + 1 }, () => null);
  const length = Math.max(1, asked.end - asked.start);
  for (const [at, text] of values) {
    const value = Number(text);
    const place = Math.round(((at * 1000 - asked.start) / length) * POINTS);
    if (place >= 0 && place <= POINTS && Number.isFinite(value)) line[place] = value;
  }
  return line;
}
