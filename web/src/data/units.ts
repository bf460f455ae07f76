// Values in their units. Ids are Grafana's (unit_table.ts); the empty id is our own: a count, and "/s" a rate of one.
import { dateForm } from "./date_form";
import { clockParts, inWords, withColons } from "./span_of_time";
import { type Unit, unitOfId } from "./unit_table";

type Zone = "local" | "utc";

/** Written one after the other; `suffix` begins with its space. */
export interface Formatted {
  prefix: string;
  text: string;
  suffix: string;
}

const COUNTS = ["", "k", "M", "G", "T", "P", "E"];
const SI = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SI_ONE = 5;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const TIMES: readonly [number, string][] = [[1e-9, "ns"], [1e-6, "µs"], [1e-3, "ms"], [1, "s"], [60, "min"], [3600, "h"], [86_400, "d"], [31_536_000, "y"]];

/** A value in parts, for where its unit is set smaller. Without `decimals`, three digits. */
export function formatValue(value: number | null | undefined, unit = "", decimals?: number | null, zone: Zone = "local", now = Date.now()): Formatted {
  const places = decimals ?? undefined;
  if (value === null || value === undefined) return plain("–");
  if (Number.isNaN(value)) return plain("NaN");
  if (!Number.isFinite(value)) return plain(value > 0 ? "+Inf" : "−Inf");
  if (unit === "" || unit === "/s") return counted(value, places, unit);
  const kind = unitOfId(unit) ?? { kind: "fixed", symbol: unit };
  switch (kind.kind) {
    case "scaled":
      return kind.count ? counted(value, places, kind.symbol && ` ${kind.symbol}`) : scaled(value, kind, places);
    case "fixed":
      return { prefix: kind.prefix ?? "", text: digits(tidy(value * (kind.factor ?? 1)), places), suffix: kind.symbol.startsWith("%") || kind.symbol === "°" ? kind.symbol : kind.symbol && ` ${kind.symbol}` };
    case "time":
      return ofTime(value, kind.seconds, places);
    case "currency": {
      const { text, suffix } = counted(value, places, "");
      return kind.isSuffix ? plain(text, `${suffix} ${kind.symbol}`) : { prefix: value < 0 ? `−${kind.symbol}` : kind.symbol, text: text.replace("−", ""), suffix };
    }
    case "date":
      return plain(asDate(value, kind, zone, now));
    default:
      return plain(special(value, kind, places));
  }
}

/** A value as text, unit included. */
export function formatted(value: number | null | undefined, unit?: string, decimals?: number | null, zone?: Zone): string {
  const { prefix, text, suffix } = formatValue(value, unit, decimals, zone);
  return prefix + text + suffix;
}

/** Texts for the ticks of one axis: with as many decimals as tell them apart. */
export function tickTexts(values: readonly number[], unit?: string, decimals?: number | null): string[] {
  let texts = values.map((value) => formatted(value, unit, decimals));
  for (let places = 1; places <= 6 && decimals === undefined && new Set(texts).size < texts.length; places += 1) texts = values.map((value) => formatted(value, unit, places));
  return texts;
}

const plain = (text: string, suffix = ""): Formatted => ({ prefix: "", text, suffix });

/** Binary fractions such as 0.1 + 0.2 would show after a multiplication. */
const tidy = (value: number): number => Number(value.toPrecision(12));

/** A number with grouped thousands; three significant digits below 100 unless the places are given. */
function digits(value: number, places?: number): string {
  const size = Math.abs(value);
  let text: string;
  if (places !== undefined) text = size.toFixed(Math.max(0, Math.min(20, places)));
  else if (size >= 1) text = String(Number(size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
  else text = String(Number(size.toPrecision(3)));
  const [whole = "", rest] = text.split(".");
  const grouped = /^\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  const sign = value < 0 && /[1-9]/.test(text) ? "−" : "";
  return sign + grouped + (rest === undefined ? "" : `.${rest}`);
}

/** Whether a value reads as `most` or more once it is rounded. */
const reaches = (value: number, most: number, places?: number): boolean => Number(digits(Math.abs(value), places).replace(/,/g, "")) >= most;

function counted(value: number, places: number | undefined, symbol: string): Formatted {
  let left = value;
  let power = 0;
  if (Math.abs(value) >= 10_000 || (places !== undefined && reaches(value, 1000, places))) {
    while (power < COUNTS.length - 1 && reaches(left, 1000, places)) {
      left /= 1000;
      power += 1;
    }
  }
  return plain(digits(tidy(left), places), (COUNTS[power] ?? "") + symbol);
}

function scaled(value: number, { base, symbol, first = 0 }: Extract<Unit, { kind: "scaled" }>, places?: number): Formatted {
  const prefixes = base === 1024 ? BINARY : SI;
  let at = first + (base === 1024 ? 0 : SI_ONE);
  let left = value;
  // Less than a byte stays a fraction of one; there are no milli-bytes.
  const least = base === 1024 || symbol.startsWith("B") || symbol.startsWith("b/") || symbol === "b" ? (base === 1024 ? 0 : SI_ONE) : 0;
  while (at < prefixes.length - 1 && reaches(left, base, places)) {
    left /= base;
    at += 1;
  }
  while (at > least && left !== 0 && Math.abs(left) < 1 && !reaches(left, 1, places ?? 3)) {
    left *= base;
    at -= 1;
  }
  return plain(digits(tidy(left), places), ` ${prefixes[at] ?? ""}${symbol}`.trimEnd());
}

function ofTime(value: number, seconds: number, places?: number): Formatted {
  const size = Math.abs(value * seconds);
  let at = TIMES.findLastIndex(([least]) => size >= least * (1 - 1e-12));
  if (at < 0) at = size === 0 ? Math.max(0, TIMES.findIndex(([least]) => Math.abs(least - seconds) < least * 1e-6)) : 0;
  const [one, symbol] = TIMES[at] ?? [1, "s"];
  const next = TIMES[at + 1];
  const left = (value * seconds) / one;
  if (next && reaches(left, next[0] / one, places)) return plain(digits(Math.sign(value), places), ` ${next[1]}`);
  return plain(digits(tidy(left), places), ` ${symbol}`);
}

function asDate(ms: number, { form, hidesToday }: Extract<Unit, { kind: "date" }>, zone: Zone, now: number): string {
  if (form === "from now") {
    const far = inWords(Math.abs(ms - now) / 1000, 0);
    return ms > now ? `in ${far}` : `${far} ago`;
  }
  const isToday = dateForm(ms, "YYYY-MM-DD", zone) === dateForm(now, "YYYY-MM-DD", zone);
  return dateForm(ms, hidesToday && isToday ? form.slice(form.indexOf(" ") + 1) : form, zone);
}

function special(value: number, { name, factor = 1 }: Extract<Unit, { kind: "special" }>, places?: number): string {
  switch (name) {
    case "hex":
    case "hex0x":
      return (value < 0 ? "−" : "") + (name === "hex0x" ? "0x" : "") + Math.abs(Math.round(value)).toString(16).toUpperCase();
    case "sci":
      return places === undefined ? Number(value.toPrecision(3)).toExponential() : value.toExponential(places);
    case "locale":
      return value.toLocaleString("en", { maximumFractionDigits: places ?? 3 }).replace("-", "−");
    case "bool":
      return value ? "True" : "False";
    case "bool_yes_no":
      return value ? "Yes" : "No";
    case "bool_on_off":
      return value ? "On" : "Off";
    case "dtdurations":
      return value < 0 ? `${inWords(-value * factor, places ?? 0)} ago` : inWords(value * factor, places ?? 0);
    case "dthms":
    case "dtdhms":
      return withColons(value, name === "dtdhms");
    case "clocks":
      return clockParts(value * factor, places);
    default:
      return String(value);
  }
}
