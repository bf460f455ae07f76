// What a chart shows: series on common times, how each is drawn, and what is marked on them.
// Times of frames are seconds; windows, marks and dots are milliseconds since the Unix epoch.

export interface Series {
  name: string;
  labels?: Record<string, string>;
  /** One per time of the frame; null and NaN are gaps. */
  values: (number | null)[] | Float64Array;
  /** A CSS colour, or the name of a token such as "series-3", "good", "bad". */
  color?: string;
  unit?: string;
  decimals?: number;
  style?: Partial<SeriesStyle>;
  axis?: "left" | "right";
}

export interface SeriesStyle {
  draw: "line" | "bars" | "points";
  /** Opacity of the area below the line, or of the bars: 0 to 1. */
  fill: number;
  width: number;
  interpolation: "linear" | "smooth" | "step-before" | "step-after";
  points: "auto" | "always" | "never";
  /** Series of the same group lie upon each other. */
  stack: string | false;
  /** The stack is drawn as shares of its sum. */
  percent: boolean;
  /** Empty: dashes only where a colour repeats. */
  dash: number[];
  spanNulls: boolean;
  gradient: boolean;
  hideInLegend: boolean;
  negativeY: boolean;
  /** Fills down to the series of this name; empty does not. */
  fillBelowTo: string;
  /** Where a bar lies: around its time (0), or from it on (1) as the start of a bucket. */
  align: 0 | 1;
}

export interface Frame {
  /** Seconds, ascending. */
  times: Float64Array | number[];
  series: Series[];
}

/** An annotation: an alert, a deploy. */
export interface Mark {
  at: number;
  until?: number;
  title: string;
  text?: string;
  color?: string;
  href?: string;
}

export interface Threshold {
  value: number;
  color: string;
  label?: string;
  fill?: "above" | "below" | false;
  axis?: "left" | "right";
}

/** A point of its own, such as an exemplar. */
export interface Dot {
  at: number;
  value: number;
  title: string;
  href?: string;
  color?: string;
  data?: unknown;
}

/** Milliseconds since the epoch, both ends included. */
export interface Window {
  start: number;
  end: number;
}

export const DEFAULT_STYLE: SeriesStyle = {
  draw: "line",
  fill: 0,
  width: 1.75,
  interpolation: "linear",
  points: "auto",
  stack: false,
  percent: false,
  dash: [],
  spanNulls: false,
  gradient: false,
  hideInLegend: false,
  negativeY: false,
  fillBelowTo: "",
  align: 0,
};

/** Opacity of bars when none is given. */
const BAR_FILL = 0.85;

/** Tokens `--series-0` to `--series-7`. */
export const COLORS = 8;
const DASHES: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** A series with everything decided that its drawing needs. */
export interface Line {
  series: Series;
  /** Tells it from others of the same name, and stays when the data change. */
  key: string;
  style: SeriesStyle;
  color: string;
  dash: number[];
  /** Which of the dash patterns, for swatches; 0 is a whole line. */
  pattern: number;
  axis: "left" | "right";
}

/** Decides colours, dashes and styles: colours in order, dashes once they repeat. */
export function linesOf(series: readonly Series[], style: Partial<SeriesStyle> = {}): Line[] {
  const used = new Map<string, number>();
  const keys = new Map<string, number>();
  return series.map((one, i) => {
    const color = one.color ?? `series-${i % COLORS}`;
    const repeat = used.get(color) ?? 0;
    used.set(color, repeat + 1);
    const merged = { ...DEFAULT_STYLE, ...style, ...one.style };
    if (merged.draw === "bars" && style.fill === undefined && one.style?.fill === undefined) merged.fill = BAR_FILL;
    const pattern = merged.draw === "line" && !merged.dash.length ? repeat % DASHES.length : 0;
    const name = one.labels ? `${one.name}\n${JSON.stringify(one.labels)}` : one.name;
    const again = keys.get(name) ?? 0;
    keys.set(name, again + 1);
    return { series: one, key: again ? `${name}\n${again}` : name, style: merged, color, dash: merged.dash.length ? merged.dash : (DASHES[pattern] ?? []), pattern, axis: one.axis ?? "left" };
  });
}

const TOKEN = /^(?:series-\d|level-[a-z]+|good|warn|bad|accent|text|muted|line|line-strong|metrics|logs|traces|surface)$/;

/** A colour of the model as CSS. */
export function cssColor(color: string): string {
  return TOKEN.test(color) ? `var(--${color})` : color;
}

/** A name of at most `most` characters: its middle goes, as beginnings and ends tell series apart. */
export function shorten(name: string, most: number): string {
  if (name.length <= most) return name;
  const head = Math.ceil((most - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (most - 1 - head))}`;
}
