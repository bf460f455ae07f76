// Filters that people add to all queries: matchers put into every selector.
import { selectorsOf } from "../data/promql_filter";
import { lex, partners } from "../editor/lex";
import { escapeRegex } from "./quoting";
import type { Variable } from "./types";

export interface AdhocFilter {
  name: string;
  operator: string;
  value: string;
}

/** `name|=|value` as in Grafana's addresses; `__gfp__` is a bar within. */
export function parseFilter(text: string): AdhocFilter | null {
  // The bar of `=|` is written as any bar within.
  const [name = "", operator = "", value = ""] = text.split("|").map((part) => part.replaceAll("__gfp__", "|"));
  return name && /^(?:=|!=|=~|!~|=\||!=\|)$/.test(operator) ? { name, operator, value } : null;
}

export function printFilter({ name, operator, value }: AdhocFilter): string {
  return [name, operator, value].map((part) => part.replaceAll("|", "__gfp__")).join("|");
}

/** The filters that hold: the address's, else the file's. */
export function filtersOf(variable: Variable, asked: readonly string[] | null): AdhocFilter[] {
  if (!asked) return variable.filters.map(([name, operator, value]) => ({ name, operator, value }));
  return asked.flatMap((text) => parseFilter(text) ?? []);
}

/** `=|` and `!=|`: one of several, or none of them. */
function matcher({ name, operator, value }: AdhocFilter): string {
  if (!operator.endsWith("|")) return `${name}${operator}${JSON.stringify(value)}`;
  return `${name}${operator.startsWith("!") ? "!~" : "=~"}${JSON.stringify(value.split("|").map(escapeRegex).join("|"))}`;
}

/** The query with matchers in each of its selectors. */
export function withFilters(query: string, filters: readonly AdhocFilter[], language: string): string {
  if (!filters.length || (language !== "promql" && language !== "logql")) return query;
  const text = filters.map(matcher).join(", ");
  const found = language === "promql" ? selectorsOf(query) : streamsOf(query);
  return found.reduceRight((whole, { from, to }) => whole.slice(0, from) + withMatchers(whole.slice(from, to), text) + whole.slice(to), query);
}

/** Braces of LogQL hold nothing but selectors. */
function streamsOf(query: string): { from: number; to: number }[] {
  const tokens = lex("logql", query);
  const ends = partners(tokens);
  return tokens.flatMap(({ kind, from }, i) => {
    const end = kind === "{" ? tokens[ends.get(i) ?? -1] : undefined;
    return end ? { from, to: end.to } : [];
  });
}

function withMatchers(selector: string, text: string): string {
  const at = selector.lastIndexOf("}");
  if (at < 0) return `${selector}{${text}}`;
  const inner = selector.slice(selector.indexOf("{") + 1, at).trim();
  return `${selector.slice(0, at).replace(/[,\s]*$/, "")}${inner ? ", " : ""}${text}${selector.slice(at)}`;
}
