// Variables: what can be chosen, what is chosen, and what that stands for in queries.
import { queryInstant, labelNames, labelValues } from "../data/prometheus_api";
import { get } from "../data/api";
import type { Window } from "../data/time_range";
import { ALL, AUTO, interpolate, namesIn, type Value, type Values } from "./interpolate";
import { parseInterval, stepOf } from "./interval";
import { promDuration } from "../data/prometheus_api";
import type { Choice, Variable, VariableQuery } from "./types";

/** A variable with what can be chosen now. */
export interface Resolved {
  variable: Variable;
  options: Choice[];
  /** Values of the chosen ones; `$__all` for all. */
  chosen: string[];
  error: string;
}

/** Variables in an order in which each comes after those that its query uses. */
export function ordered(variables: readonly Variable[]): Variable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const done = new Set<Variable>();
  const open = new Set<Variable>();
  const found: Variable[] = [];
  const visit = (variable: Variable): void => {
    if (done.has(variable) || open.has(variable)) return; // a circle is cut where it closes
    open.add(variable);
    for (const name of uses(variable)) {
      const other = byName.get(name);
      if (other && other !== variable) visit(other);
    }
    open.delete(variable);
    done.add(variable);
    found.push(variable);
  };
  variables.forEach(visit);
  return found;
}

/** Names of the variables that a variable's own query has. */
export function uses(variable: Variable): string[] {
  const { query, regex, datasource } = variable;
  return namesIn([query?.label, query?.selector, query?.expr, regex, datasource?.variable ? `$${datasource.variable}` : ""].filter(Boolean).join(" "));
}

/** What `var-NAME` of the address chooses; null when it says nothing. */
export function fromAddress(params: URLSearchParams, name: string): string[] | null {
  const values = params.getAll(`var-${name}`);
  if (!values.length) return null;
  return values.map((value) => (value === "All" ? ALL : value));
}

/** The choice that holds: the address's, else the file's, as far as it can be chosen; else the first. */
export function chosenOf(variable: Variable, options: readonly Choice[], asked: readonly string[] | null): string[] {
  const isFree = ["textbox", "adhoc"].includes(variable.kind) || (variable.allowCustom && asked !== null);
  const wanted = asked ?? variable.current.map(({ value }) => value).filter((value) => value !== "");
  const known = new Set(options.map(({ value }) => value));
  const found = wanted.filter((value) => isFree || known.has(value) || (value === ALL && variable.includeAll));
  const kept = variable.multi ? found : found.slice(0, 1);
  if (kept.includes(ALL)) return [ALL];
  if (kept.length) return kept;
  if (variable.includeAll && (variable.multi || !options.length)) return [ALL];
  return options[0] ? [options[0].value] : variable.includeAll ? [ALL] : [];
}

/** What a resolved variable stands for. */
export function valueOf({ variable, options, chosen }: Resolved, window: Window): Value {
  if (chosen.includes(ALL)) {
    const all = options.map(({ value }) => value).filter((value) => value !== ALL);
    return { values: all, texts: ["All"], multi: true, literal: variable.allValue };
  }
  const values = chosen.map((value) => (value === AUTO ? promDuration(stepOf(window.end - window.start, variable.autoCount || 30, parseInterval(variable.autoMin) ?? 10_000)) : value));
  const texts = chosen.map((value) => options.find((option) => option.value === value)?.text ?? value);
  return { values, texts, multi: variable.multi };
}

/** The choices of a variable; asks the server for those of queries. */
export async function optionsOf(variable: Variable, values: Values, window: Window, signal: AbortSignal): Promise<Choice[]> {
  if (variable.kind !== "query" || !variable.query) return variable.options;
  const raw = await asked(variable.query, variable.datasource?.engine ?? "prometheus", values, window, signal);
  return sorted(filtered(raw, interpolate(variable.regex, values)), variable);
}

async function asked(query: VariableQuery, engine: string, values: Values, window: Window, signal: AbortSignal): Promise<string[]> {
  const selector = interpolate(query.selector, values, { language: engine === "loki" ? "logql" : "promql" });
  const label = interpolate(query.label, values);
  if (engine === "loki") {
    const times = { start: `${Math.round(window.start)}000000`, end: `${Math.round(window.end)}000000`, query: selector || null };
    const path = query.kind === "labelNames" ? "/loki/api/v1/labels" : `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
    return (await get<{ data?: string[] }>(path, times, signal)).data ?? [];
  }
  if (engine === "tempo") {
    const times = { start: Math.floor(window.start / 1000), end: Math.ceil(window.end / 1000) };
    if (query.kind === "labelNames") return (await get<{ scopes: { tags: string[] }[] }>("/api/v2/search/tags", times, signal)).scopes.flatMap(({ tags }) => tags);
    const found = await get<{ tagValues: { value: string }[] }>(`/api/v2/search/tag/${encodeURIComponent(scoped(label))}/values`, { ...times, q: selector || null }, signal);
    return found.tagValues.map(({ value }) => value);
  }
  const matchers = selector ? [selector] : [];
  if (query.kind === "labelNames") return labelNames(matchers, window, signal);
  if (query.kind === "labelValues") return labelValues(label, matchers, window, signal);
  if (query.kind === "metrics") {
    const pattern = new RegExp(interpolate(query.expr, values) || ".*");
    return (await labelValues("__name__", [], window, signal)).filter((name) => pattern.test(name));
  }
  if (query.kind === "series" || query.kind === "queryResult") {
    const { data } = await queryInstant(interpolate(query.kind === "series" ? query.selector : query.expr, values, { language: "promql" }), window.end, signal);
    if (data.resultType !== "vector") return [];
    return data.result.map(({ metric, value }) => `${named(metric)}${query.kind === "queryResult" && value ? ` ${value[1]} ${value[0] * 1000}` : ""}`);
  }
  return [];
}

/** An attribute of spans as TraceQL names it: one without a scope is looked for in all. */
function scoped(label: string): string {
  const isWhole = /^(?:\.|(?:resource|span|event|link|instrumentation|trace)[.:]|(?:name|status|statusMessage|kind|duration|rootName|rootServiceName|traceDuration)$)/.test(label);
  return isWhole ? label : `.${label}`;
}

function named({ __name__: name = "", ...labels }: Record<string, string>): string {
  return `${name}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(",")}}`;
}

/** Values through the variable's regular expression (`/…/flags` or plain); groups `text` and `value` count. */
export function filtered(values: readonly string[], regex: string): Choice[] {
  const unique = [...new Set(values)];
  if (!regex) return unique.map((value) => ({ text: value, value }));
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(regex);
  let pattern: RegExp;
  try {
    pattern = new RegExp(slashed?.[1] ?? regex, (slashed?.[2] ?? "").replace("g", ""));
  } catch {
    return unique.map((value) => ({ text: value, value }));
  }
  const found = new Map<string, Choice>();
  for (const one of unique) {
    const match = pattern.exec(one);
    if (!match) continue;
    const value = match.groups?.value ?? match.groups?.text ?? match[1] ?? match[0];
    const text = match.groups?.text ?? value;
    if (!found.has(value)) found.set(value, { text, value });
  }
  return [...found.values()];
}

function sorted(options: readonly Choice[], { sortBy, descending }: Variable): Choice[] {
  const number = (text: string): number => Number(/-?\d+(\.\d+)?/.exec(text)?.[0] ?? -1);
  const orders: Record<string, (a: Choice, b: Choice) => number> = {
    text: (a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
    textIgnoringCase: (a, b) => a.text.toLowerCase().localeCompare(b.text.toLowerCase()),
    number: (a, b) => number(a.text) - number(b.text),
    natural: (a, b) => a.text.localeCompare(b.text, undefined, { numeric: true }),
  };
  const order = orders[sortBy];
  if (!order) return [...options];
  const found = [...options].sort(order);
  return descending ? found.reverse() : found;
}
