// What a column of values comes to: Grafana's calculations by their ids.

const NAMES: Record<string, string> = {
  lastNotNull: "Last *", last: "Last", firstNotNull: "First *", first: "First", min: "Min", max: "Max", mean: "Mean", sum: "Total", count: "Count", range: "Range", delta: "Delta",
  step: "Step", diff: "Difference", diffperc: "Difference percent", logmin: "Min (above zero)", allIsZero: "All zeros", allIsNull: "All nulls", changeCount: "Change count",
  distinctCount: "Distinct count", median: "Median", variance: "Variance", stdDev: "StdDev", allValues: "All values", uniqueValues: "All unique values",
};
/** Names of older files. */
const ALIASES: Record<string, string> = { current: "lastNotNull", avg: "mean", total: "sum", "last *": "lastNotNull" };

export function calcName(id: string): string {
  const known = ALIASES[id] ?? id;
  return NAMES[known] ?? (/^p\d+$/.test(known) ? `${known.slice(1)}th %` : known);
}

/** One value of many; null when there is none, text and lists where the calculation gives such. */
export function reduce(values: readonly unknown[], id: string): unknown {
  const known = ALIASES[id] ?? id;
  switch (known) {
    case "last":
      return values.at(-1) ?? null;
    case "first":
      return values[0] ?? null;
    case "lastNotNull":
      return values.findLast(isThere) ?? null;
    case "firstNotNull":
      return values.find(isThere) ?? null;
    case "count":
      return values.length;
    case "distinctCount":
      return new Set(values).size;
    case "changeCount":
      return values.filter((value, i) => i > 0 && value !== values[i - 1]).length;
    case "allIsNull":
      return values.every((value) => !isThere(value));
    case "allIsZero":
      return values.length > 0 && values.every((value) => value === 0);
    case "allValues":
      return values.join(", ");
    case "uniqueValues":
      return [...new Set(values)].join(", ");
    default:
      return ofNumbers(values.filter((value): value is number => typeof value === "number" && !Number.isNaN(value)), known);
  }
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function ofNumbers(values: readonly number[], id: string): number | null {
  const [first] = values;
  const last = values.at(-1);
  if (first === undefined || last === undefined) return null;
  const sum = (): number => values.reduce((total, value) => total + value, 0);
  const least = (): number => values.reduce((a, b) => Math.min(a, b));
  const most = (): number => values.reduce((a, b) => Math.max(a, b));
  switch (id) {
    case "min":
      return least();
    case "max":
      return most();
    case "sum":
      return sum();
    case "mean":
      return sum() / values.length;
    case "range":
      return most() - least();
    case "diff":
      return last - first;
    case "diffperc":
      return first ? (last - first) / first : null;
    case "delta":
      // As a counter grows: what is less than before began anew.
      return values.reduce((total, value, i) => {
        const before = values[i - 1];
        return before === undefined ? total : total + (value >= before ? value - before : value);
      }, 0);
    case "step":
      return values.reduce((found, value, i) => (i ? Math.min(found, value - (values[i - 1] ?? value)) : found), Number.POSITIVE_INFINITY);
    case "logmin":
      return values.filter((value) => value > 0).reduce<number | null>((a, b) => (a === null ? b : Math.min(a, b)), null);
    case "variance":
    case "stdDev": {
      const mean = sum() / values.length;
      const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
      return id === "variance" ? variance : Math.sqrt(variance);
    }
    default:
      return quantile(values, id === "median" ? 50 : /^p\d+$/.test(id) ? Number(id.slice(1)) : 100);
  }
}

function quantile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** A number out of whatever a cell holds; null when it is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && value.trim() && !Number.isNaN(Number(value))) return Number(value);
  return null;
}
