// Completion of TraceQL: the place by its context, the names from our own API.
import type { Suggestion, Suggestions } from "../source";
import { written } from "./cursor";
import { fitting } from "./match";
import { ask, type Asking, seconds } from "./server";
import { traceqlContext, type TraceqlContext } from "./traceql_context";
import { comparisons, connectives, constants, functions, groupings, intrinsics, scopes, structural } from "./traceql_words";

const MOST_TAGS = 500;
const MOST_VALUES = 200;

interface Tags {
  scopes?: { name: string; tags: string[] | null }[] | null;
}
interface Values {
  tagValues?: { type: string; value: string }[] | null;
}

/** Suggestions at the cursor; null when there is nothing to suggest. */
export async function completeTraceql(text: string, at: number, isAsked: boolean, asking: Asking): Promise<Suggestions | null> {
  const context = traceqlContext(text, at);
  if (!context) return null;
  const isEmpty = at <= context.from;
  const isQuiet = /^(?:spans|structural|behind|operator|connective)$/.test(context.kind);
  if (isEmpty && !isAsked && isQuiet) return null;
  const options = await optionsFor(context, asking);
  return { ...fitting(options, text, context.from, at), to: context.to };
}

async function optionsFor(context: TraceqlContext, asking: Asking): Promise<Suggestion[]> {
  switch (context.kind) {
    case "spans":
      return [{ label: "{ }", kind: "operator", info: "A set of spans: conditions stand between the braces.", insert: ["{ ", " }"], again: true }];
    case "structural":
      return [...structural, { label: "|", kind: "operator", info: "Counts, groups or measures the spans.", insert: ["| ", ""], again: true }];
    case "function":
      return functions;
    case "behind":
      return groupings;
    case "field": {
      const found = await attributes(asking);
      // Bare intrinsics are what is mostly asked for, those with a scope repeat them.
      const isScoped = ({ label }: Suggestion): boolean => label.includes(":");
      const all = [...intrinsics.filter((option) => !isScoped(option)), ...(found.length ? found : scopes), ...intrinsics.filter(isScoped)];
      return context.isFollowed || !context.isCondition ? all : all.map(compared);
    }
    case "operator":
      return comparisons;
    case "value":
      return values(context, asking);
    case "connective":
      return connectives;
  }
}

/** Known attributes with their scope. */
async function attributes({ range, signal }: Asking): Promise<Suggestion[]> {
  const answer = await ask<Tags>("/api/v2/search/tags", { ...seconds(range), limit: MOST_TAGS }, signal);
  return (answer?.scopes ?? [])
    .filter(({ name }) => name !== "intrinsic")
    .flatMap(({ name, tags }) => (tags ?? []).map((tag): Suggestion => ({ label: attribute(name, tag), kind: "attribute", detail: name })));
}

/** The name of an attribute as queries write it. */
function attribute(scope: string, tag: string): string {
  return `${scope}.${/^[^"\\\s{}()=~!<>&|^,]+$/.test(tag) ? tag : JSON.stringify(tag)}`;
}

/** A field goes on with a comparison; of a scope comes the name first. */
function compared(option: Suggestion): Suggestion {
  return option.again ? option : { ...option, insert: [`${option.label} `, ""], again: true };
}

async function values({ field, filter, text, isQuoted }: TraceqlContext & { kind: "value" }, { range, signal }: Asking): Promise<Suggestion[]> {
  const fixed = constants[/(?:^|:)(\w*?)$/.exec(field)?.[1] ?? ""] ?? (/duration$/i.test(field) ? constants.duration : undefined);
  if (fixed) return fixed.map((label) => ({ label, kind: "value" }));
  const path = `/api/v2/search/tag/${encodeURIComponent(field)}/values`;
  const params = { ...seconds(range), limit: MOST_VALUES };
  const answer = (await ask<Values>(path, { ...params, q: filter || null }, signal)) ?? (filter ? await ask<Values>(path, params, signal) : undefined);
  return (answer?.tagValues ?? []).map(({ type, value }) => ({ label: value, kind: "value", detail: type, insert: type === "string" || isQuoted ? written(value, text, isQuoted) : [value, ""] }));
}
