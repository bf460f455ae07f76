// The page's state in its address: panel 0 spelled as in Prometheus' own links.

export type Mode = "auto" | "rate" | "value";

export interface ChartState {
  /** Metric to draw; empty means the page's choice. */
  metric: string;
  /** Length of the window in seconds. */
  range: number;
  /** End of the window in milliseconds since the epoch; null follows the present. */
  end: number | null;
  mode: Mode;
}

export const RANGES: readonly [string, number][] = [
  ["5m", 300],
  ["15m", 900],
  ["1h", 3600],
  ["6h", 21_600],
];

const DEFAULT: ChartState = { metric: "", range: 900, end: null, mode: "auto" };

/** Reads the state from an address's query; whatever makes no sense is the default. */
export function parseState(search: string): ChartState {
  const query = new URLSearchParams(search);
  const mode = query.get("view");
  const end = Date.parse(query.get("g0.end_input") ?? "");
  return {
    metric: parseSelector(query.get("g0.expr") ?? ""),
    range: parseRange(query.get("g0.range_input") ?? "") ?? DEFAULT.range,
    end: Number.isNaN(end) ? null : end,
    mode: mode === "rate" || mode === "value" ? mode : "auto",
  };
}

/** Writes the state into a query, keeping parameters that are not ours; defaults are left out. */
export function printState(state: ChartState, search: string): string {
  const query = new URLSearchParams(search);
  const set = (name: string, value: string, isDefault: boolean): void => {
    if (isDefault) query.delete(name);
    else query.set(name, value);
  };
  set("g0.expr", selector(state.metric), state.metric === "");
  set("g0.range_input", printRange(state.range), state.range === DEFAULT.range);
  set("g0.end_input", state.end === null ? "" : new Date(state.end).toISOString(), state.end === null);
  set("view", state.mode, state.mode === "auto");
  const text = query.toString();
  return text && `?${text}`;
}

/** `15m`, `1h30m`, `90` (seconds) as seconds; null when it is none of these. */
export function parseRange(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text) || null;
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!match) return null;
  const [, d, h, m, s] = match.map((part) => Number(part ?? 0));
  return (d ?? 0) * 86_400 + (h ?? 0) * 3600 + (m ?? 0) * 60 + (s ?? 0) || null;
}

/** Seconds as `1h30m`. */
export function printRange(seconds: number): string {
  let left = Math.max(1, Math.round(seconds));
  let text = "";
  for (const [unit, size] of [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]] as const) {
    const whole = Math.floor(left / size);
    if (whole) text += `${whole}${unit}`;
    left -= whole * size;
  }
  return text;
}

/** The query that selects a metric; names outside the classic alphabet are quoted. */
export function selector(metric: string): string {
  if (metric === "" || /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(metric)) return metric;
  return `{${JSON.stringify(metric)}}`;
}

function parseSelector(text: string): string {
  if (!/^\{".*"\}$/.test(text)) return text;
  try {
    return String(JSON.parse(text.slice(1, -1)));
  } catch {
    return "";
  }
}

/** A round step in seconds that gives at most `points` points over a range. */
export function stepFor(range: number, points = 240): number {
  const least = range / points;
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((step) => step >= least) ?? Math.ceil(least);
}

/** Metrics worth a first look, best first; then whatever comes first. */
const TELLING = [/^http_requests_total$/, /http_.*requests?_total$/, /^http_server_request_duration/, /^process_cpu_seconds_total$/, /^node_cpu_seconds_total$/, /_total$/];

/** The metric to draw when nobody has chosen one. */
export function preferred(names: readonly string[]): string {
  for (const pattern of TELLING) {
    const found = names.find((name) => pattern.test(name));
    if (found) return found;
  }
  return names[0] ?? "";
}

/** Names that contain every word of `text`, those that start with it first. */
export function search(names: readonly string[], text: string): string[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  const found = names.filter((name) => words.every((word) => name.toLowerCase().includes(word)));
  const rank = (name: string): number => (name.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}
