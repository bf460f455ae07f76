// The query that shows most of a metric, by its type.
import { selector } from "./url";

export interface Family {
  name: string;
  /** counter, gauge, histogram, summary, …; empty: unknown. */
  type: string;
  help: string;
  unit: string;
  series: number;
  is_native: boolean;
}

/** PromQL for a first look. `window` is what rates are taken over. */
export function queryFor({ name, type, is_native }: Pick<Family, "name" | "type" | "is_native">, window = "5m"): string {
  const of = (ending = ""): string => selector(name + ending);
  if (type === "counter") return `rate(${of()}[${window}])`;
  if (type === "histogram" && is_native) return `histogram_quantile(0.95, sum(rate(${of()}[${window}])))`;
  if (type === "histogram") return `histogram_quantile(0.95, sum by (le) (rate(${of("_bucket")}[${window}])))`;
  if (type === "summary") return `rate(${of("_sum")}[${window}]) / rate(${of("_count")}[${window}])`;
  return of();
}

/** Grafana's unit id that a metric's name or unit tells; empty when it tells none. */
export function unitOf(expr: string): string {
  const isRate = /\b(rate|irate|deriv)\s*\(/.test(expr);
  if (/_bytes\b|_bytes_total\b|_bytes_bucket\b/.test(expr)) return isRate && !/histogram_quantile/.test(expr) ? "binBps" : "bytes";
  if (/histogram_quantile\s*\(.*_seconds(_bucket)?\b/s.test(expr) || (/_seconds\b/.test(expr) && !isRate)) return "s";
  return "";
}

/** One line that stands for all series of a metric. */
export function overviewQuery(family: Pick<Family, "name" | "type" | "is_native">, window = "5m"): string {
  const query = queryFor(family, window);
  if (family.type === "histogram") return query;
  if (family.type === "summary") return `sum(rate(${selector(`${family.name}_sum`)}[${window}])) / sum(rate(${selector(`${family.name}_count`)}[${window}]))`;
  return `sum(${query})`;
}

export interface Group {
  /** What all names begin with, `_` included; empty: names that stand alone. */
  prefix: string;
  families: Family[];
}

/** Names that share so many is worth a heading. */
const LEAST_GROUP = 3;

/** Families under the first word of their names, in the order in which they come. */
export function grouped(families: readonly Family[]): Group[] {
  const sizes = new Map<string, number>();
  const prefixOf = (name: string): string => /^[A-Za-z0-9]+[_.]/.exec(name)?.[0] ?? "";
  for (const { name } of families) sizes.set(prefixOf(name), (sizes.get(prefixOf(name)) ?? 0) + 1);
  const groups: Group[] = [];
  for (const family of families) {
    const own = prefixOf(family.name);
    const prefix = (sizes.get(own) ?? 0) >= LEAST_GROUP ? own : "";
    const last = groups.at(-1);
    if (last?.prefix === prefix) last.families.push(family);
    else groups.push({ prefix, families: [family] });
  }
  return groups;
}
