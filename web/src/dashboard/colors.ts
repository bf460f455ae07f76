// Colours of dashboards as CSS: Grafana's names, palettes and continuous schemes. What the names look like in
// either theme is in styles/pages/dashboard/bar.css.
import { COLORS } from "../plot/model";
import { colorFor, type Step as PlotStep } from "../plot/thresholds";
import type { FieldOptions, Thresholds } from "./types";

const HUES = new Set(["red", "orange", "yellow", "green", "blue", "purple"]);
/** How far a shade goes towards the page's text or surface. */
const SHADES: Record<string, string> = { "super-light": "var(--surface) 45%", light: "var(--surface) 25%", "semi-dark": "var(--text) 15%", dark: "var(--text) 30%" };

/** A colour that a dashboard names, as CSS or a token; `fallback` where it names none. */
export function named(color: string, fallback = "series-0"): string {
  if (!color) return fallback;
  const match = /^(?:(super-light|light|semi-dark|dark)-)?([a-z]+)$/.exec(color);
  const hue = match?.[2] ?? "";
  if (match && HUES.has(hue)) {
    const shade = SHADES[match[1] ?? ""];
    return shade ? `color-mix(in oklab, var(--hue-${hue}), ${shade})` : `var(--hue-${hue})`;
  }
  if (color === "transparent") return "transparent";
  if (color === "text") return "text";
  if (/^(?:gray|grey)$/.test(color)) return "muted";
  return /^(?:#[0-9a-f]{3,8}|rgba?\([^)]*\)|hsla?\([^)]*\)|[a-z]+)$/i.test(color) ? color : fallback;
}

/** Ends and middle of the continuous schemes. */
const SCHEMES: Record<string, readonly string[]> = {
  "continuous-GrYlRd": ["green", "yellow", "red"],
  "continuous-RdYlGr": ["red", "yellow", "green"],
  "continuous-BlYlRd": ["blue", "yellow", "red"],
  "continuous-YlRd": ["yellow", "red"],
  "continuous-BlPu": ["blue", "purple"],
  "continuous-YlBl": ["yellow", "blue"],
  "continuous-blues": ["super-light-blue", "dark-blue"],
  "continuous-reds": ["super-light-red", "dark-red"],
  "continuous-greens": ["super-light-green", "dark-green"],
  "continuous-purples": ["super-light-purple", "dark-purple"],
};

/** A colour of a scheme; `part` from 0 to 1. */
export function continuous(mode: string, part: number): string {
  const colors = (SCHEMES[mode] ?? ["blue", "yellow", "red"]).map((color) => named(color));
  const at = Math.min(1, Math.max(0, Number.isFinite(part) ? part : 0)) * (colors.length - 1);
  const from = Math.min(colors.length - 2, Math.floor(at));
  const percent = Math.round((at - from) * 100);
  return `color-mix(in oklab, ${colors[from] ?? ""}, ${colors[from + 1] ?? ""} ${percent}%)`;
}

/** Steps of thresholds as charts take them; percentages lie between `min` and `max`. */
export function stepsOf(thresholds: Thresholds | null | undefined, min: number, max: number): PlotStep[] {
  if (!thresholds?.steps.length) return [{ value: Number.NEGATIVE_INFINITY, color: named("green") }];
  return thresholds.steps.map(({ value, color }) => ({
    value: value === null ? Number.NEGATIVE_INFINITY : thresholds.mode === "percentage" ? min + ((max - min) * value) / 100 : value,
    color: named(color),
  }));
}

export interface ColorScale {
  min: number;
  max: number;
  /** Where the field stands among its siblings. */
  index: number;
  name: string;
}

/** The colour of a value of a field; `mode` holds where the field says none. */
export function colorOf(value: number | null, options: FieldOptions | undefined, { min, max, index, name }: ColorScale, mode = "thresholds"): string {
  const color = options?.color;
  const how = color?.mode || mode;
  if (how === "fixed" || how === "shades") return named(color?.fixed ?? "", `series-${index % COLORS}`);
  if (how === "thresholds") return colorFor(value, stepsOf(options?.thresholds, min, max), named("green"));
  if (how.startsWith("continuous")) return continuous(how, value === null ? 0 : (value - min) / (max - min || 1));
  if (how === "palette-classic-by-name") return `series-${hash(name) % COLORS}`;
  return `series-${index % COLORS}`;
}

function hash(text: string): number {
  let found = 0;
  for (const char of text) found = (found * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return found;
}
