// Completion of LogQL: the place by its context, the names from our own API.
import type { Suggestion, Suggestions } from "../source";
import { written } from "./cursor";
import { logqlContext, type LogqlContext } from "./logql_context";
import { aggregations, comparisons, conversions, filterWords, lineFilters, rangeFunctions, stages } from "./logql_words";
import { fitting } from "./match";
import { connectives, durations, groupings, operators } from "./promql_words";
import { ask, type Asking, nanoseconds } from "./server";

const MOST_FIELDS = 200;
const MOST_VALUES = 200;
/** Lines that the server looks at for fields. */
const LINES = 500;

interface Field {
  label: string;
  type: string;
  cardinality: number;
}

/** Suggestions at the cursor; null when there is nothing to suggest. */
export async function completeLogql(text: string, at: number, isAsked: boolean, asking: Asking): Promise<Suggestions | null> {
  const context = logqlContext(text, at);
  if (!context) return null;
  const isEmpty = at <= context.from;
  const isQuiet = /^(?:operand|behind|operator|joint|pipe)$/.test(context.kind);
  if (isEmpty && !isAsked && isQuiet) return null;
  const options = await optionsFor(context, asking);
  return { ...fitting(options, text, context.from, at), to: context.to };
}

async function optionsFor(context: LogqlContext, asking: Asking): Promise<Suggestion[]> {
  switch (context.kind) {
    case "operand":
      return [...(await streams(asking)), ...rangeFunctions, ...aggregations];
    case "behind":
      return context.isRange ? connectives.filter(({ label }) => label === "offset") : [...(context.isAggregation ? groupings : []), ...connectives.filter(({ label }) => label !== "atan2" && label !== "offset")];
    case "label": {
      const names = await labels(context.selector, asking);
      return names.filter((name) => !context.taken.includes(name)).map((label) => (context.isFollowed ? { label, kind: "label" } : { label, kind: "label", insert: [`${label}="`, '"'], again: true }));
    }
    case "operator":
      return context.isStream ? operators : comparisons;
    case "value":
      return quoted(await labelValues(context.label, context.selector, asking), context);
    case "pipe":
      return [...lineFilters, ...stages.map((stage) => ({ ...stage, label: `| ${stage.label}`, insert: piped(stage) }))];
    case "stage": {
      const found = await fields(context, asking);
      return /\|\s*(?:json|logfmt|pattern|regexp|unpack)\b/.test(context.query) ? [...found, ...stages] : [...stages, ...found];
    }
    case "field":
      return [...(await fields(context, asking)), ...(context.isUnwrap ? conversions : [])];
    case "field value":
      return quoted(await fieldValues(context, asking), context);
    case "joint":
      return filterWords;
    case "grouping":
      return dedupe([...(await labels(context.selector, asking)).map((label): Suggestion => ({ label, kind: "label" })), ...(await fields(context, asking))]);
    case "duration":
      return durations("");
  }
}

/** Whole selectors to start with: `{service_name="…"}`. */
async function streams(asking: Asking): Promise<Suggestion[]> {
  return (await labels("", asking)).map((name) => ({ label: `{${name}=…}`, kind: "label", insert: [`{${name}="`, '"}'], again: true }));
}

function piped({ label, insert }: Suggestion): readonly [string, string] {
  return insert ? [`| ${insert[0]}`, insert[1]] : [`| ${label}`, ""];
}

function quoted(values: readonly string[], { text, isQuoted }: LogqlContext & { kind: "value" | "field value" }): Suggestion[] {
  return values.map((value) => ({ label: value, kind: "value", insert: written(value, text, isQuoted) }));
}

async function labels(selector: string, { range, signal }: Asking): Promise<string[]> {
  const answer = await ask<{ data?: string[] }>("/loki/api/v1/labels", { ...nanoseconds(range), query: selector || null }, signal);
  return answer?.data ?? [];
}

async function labelValues(label: string, selector: string, { range, signal }: Asking): Promise<string[]> {
  const path = `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
  const answer = await ask<{ data?: string[] }>(path, { ...nanoseconds(range), query: selector || null }, signal);
  return answer?.data ?? [];
}

/** Fields that the server found in the newest lines of a query. */
async function fields({ query, selector }: { query: string; selector: string }, { range, signal }: Asking): Promise<Suggestion[]> {
  const params = { ...nanoseconds(range), limit: MOST_FIELDS, line_limit: LINES };
  const detect = (text: string): Promise<{ fields?: Field[] | null } | undefined> => ask("/loki/api/v1/detected_fields", { ...params, query: text }, signal);
  if (!query) return [];
  const answer = (await detect(query)) ?? (await detect(selector));
  const found = answer?.fields ?? [];
  return found.map(({ label, type, cardinality }) => ({ label, kind: "field", detail: type, info: `${cardinality} different ${cardinality === 1 ? "value" : "values"} in the newest lines.` }));
}

async function fieldValues({ label, query, selector }: { label: string; query: string; selector: string }, asking: Asking): Promise<string[]> {
  const { range, signal } = asking;
  const path = `/loki/api/v1/detected_field/${encodeURIComponent(label)}/values`;
  const detected = await ask<{ values?: string[] | null }>(path, { ...nanoseconds(range), query, limit: MOST_VALUES, line_limit: LINES }, signal);
  const values = detected?.values ?? [];
  return values.length ? values : labelValues(label, selector, asking);
}

function dedupe(options: readonly Suggestion[]): Suggestion[] {
  const known = new Set<string>();
  return options.filter(({ label }) => !known.has(label) && known.add(label));
}
