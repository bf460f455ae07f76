// Completion of PromQL: the place by its context, the names from our own API.
import type { Suggestion, Suggestions } from "../source";
import { containing, type Matcher, selectorOf, written } from "./cursor";
import { fitting } from "./match";
import { promqlContext, type PromqlContext } from "./promql_context";
import { aggregations, bounds, connectives, durations, functions, groupings, matchings, operators, sides } from "./promql_words";
import { ask, type Asking, seconds } from "./server";

const MOST_METRICS = 10_000;
const MOST_METADATA = 5000;
const MOST_VALUES = 1000;
const CLASSIC = /^[A-Za-z_:][A-Za-z0-9_:]*$/;

interface Answer<T> {
  data?: T;
  warnings?: string[];
}
type Metadata = Record<string, { type: string; help: string; unit: string }[]>;

/** Suggestions at the cursor; null when there is nothing to suggest. */
export async function completePromql(text: string, at: number, isAsked: boolean, asking: Asking): Promise<Suggestions | null> {
  const context = promqlContext(text, at);
  if (!context) return null;
  const isEmpty = at <= context.from;
  // Blank places open the list only where a mark has just asked for something.
  if (isEmpty && !isAsked && (context.kind === "operand" || context.kind === "behind" || context.kind === "operator")) return null;
  const options = await optionsFor(context, text.slice(context.from, at), asking);
  const found = fitting(options, text, context.from, at);
  return { ...found, to: context.to };
}

async function optionsFor(context: PromqlContext, word: string, asking: Asking): Promise<Suggestion[]> {
  switch (context.kind) {
    case "operand": {
      const names = await metrics(word, asking);
      const words = [...(context.isMatched ? sides : context.isRight ? matchings : []), ...aggregations, ...functions];
      return word ? [...words, ...names] : [...names, ...words];
    }
    case "behind":
      return context.isAggregation ? [...groupings, ...connectives] : connectives;
    case "label": {
      const names = await labels(context.selector ? [context.selector] : [], asking);
      return names.filter((name) => !context.taken.includes(name)).map((name) => label(name, context.isFollowed));
    }
    case "grouping":
      return (await labels(context.selectors, asking)).map((name) => ({ label: quotedName(name), kind: "label" }));
    case "operator":
      return operators;
    case "value": {
      const values = await valuesOf(context.label, context.matchers, word, asking);
      return values.map((value) => ({ label: value, kind: "value", insert: written(value, context.text, context.isQuoted) }));
    }
    case "quoted metric":
      return (await metrics(word, asking, false)).map(({ insert: _, ...option }) => ({ ...option, insert: written(option.label, context.text, true) }));
    case "duration":
      return durations(word);
    case "time":
      return bounds;
  }
}

/** Metrics with type and help; of very many those that contain the word. */
async function metrics(word: string, asking: Asking, isPlain = true): Promise<Suggestion[]> {
  const [names, metadata] = await Promise.all([valuesOf("__name__", [], word, asking, MOST_METRICS), ask<Answer<Metadata>>("/api/v1/metadata", { limit: MOST_METADATA }, asking.signal)]);
  const known = metadata?.data ?? {};
  return names.map((name) => {
    const about = known[name]?.[0] ?? known[name.replace(/_(?:bucket|count|sum|total)$/, "")]?.[0];
    const option: Suggestion = { label: name, kind: "metric" };
    if (about?.type && about.type !== "unknown") option.detail = about.type;
    if (about?.help) option.info = about.help;
    if (isPlain && !CLASSIC.test(name)) option.insert = [`{${JSON.stringify(name)}}`, ""];
    return option;
  });
}

async function labels(selectors: readonly string[], { range, signal }: Asking): Promise<string[]> {
  const answer = await ask<Answer<string[]>>("/api/v1/labels", { ...seconds(range), limit: MOST_VALUES, "match[]": selectors }, signal);
  return (answer?.data ?? []).filter((name) => name !== "__name__");
}

async function valuesOf(name: string, matchers: readonly Matcher[], word: string, { range, signal }: Asking, most = MOST_VALUES): Promise<string[]> {
  const path = `/api/v1/label/${encodeURIComponent(name)}/values`;
  const params = { ...seconds(range), limit: most };
  const given = matchers.length ? [selectorOf(matchers)] : [];
  const answer = await ask<Answer<string[]>>(path, { ...params, "match[]": given }, signal);
  if (!answer?.warnings?.length || !word) return answer?.data ?? [];
  const narrowed = selectorOf([...matchers, { name: quotedName(name), operator: "=~", value: containing(word) }]);
  return (await ask<Answer<string[]>>(path, { ...params, "match[]": [narrowed] }, signal))?.data ?? [];
}

function label(name: string, isFollowed: boolean): Suggestion {
  const text = quotedName(name);
  return isFollowed ? { label: text, kind: "label" } : { label: text, kind: "label", insert: [`${text}="`, '"'], again: true };
}

function quotedName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}
