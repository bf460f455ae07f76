// Intrinsics, functions and operators of TraceQL.
import type { Suggestion } from "../source";
import { table } from "./promql_words";

const INTRINSICS = `
name: Name of the span.
duration: How long the span took: duration > 100ms.
status: ok, error or unset.
statusMessage: What the status says.
kind: server, client, internal, producer or consumer.
rootName: Name of the trace's root span.
rootServiceName: Service of the trace's root span.
traceDuration: From the first start to the last end of the trace.
trace:id: Identifier of the trace.
trace:duration: From the first start to the last end of the trace.
trace:rootName: Name of the trace's root span.
trace:rootService: Service of the trace's root span.
span:id: Identifier of the span.
span:parentID: Identifier of the parent span.
span:name: Name of the span.
span:duration: How long the span took.
span:kind: server, client, internal, producer or consumer.
span:status: ok, error or unset.
span:statusMessage: What the status says.
span:childCount: Number of children.
event:name: Name of an event of the span.
event:timeSinceStart: Time from the span's start to the event.
link:traceID: Trace that the span links to.
link:spanID: Span that the span links to.
instrumentation:name: Name of the instrumentation library.
instrumentation:version: Version of the instrumentation library.
nestedSetParent: Number of the parent in the tree; below 0 for root spans.
`;

export const intrinsics: Suggestion[] = INTRINSICS.trim().split("\n").map((line) => {
  const [, label = "", info = ""] = /^(\S+): (.*)$/.exec(line) ?? [];
  return { label, kind: "intrinsic", info };
});

/** Scopes of attributes, for when no name is known. */
export const scopes: Suggestion[] = [
  { label: "span.", kind: "attribute", info: "An attribute of the span.", again: true },
  { label: "resource.", kind: "attribute", info: "An attribute of what sent the span, such as service.name.", again: true },
  { label: "event.", kind: "attribute", info: "An attribute of an event of the span.", again: true },
  { label: "link.", kind: "attribute", info: "An attribute of a link of the span.", again: true },
  { label: "instrumentation.", kind: "attribute", info: "An attribute of the instrumentation library.", again: true },
  { label: "parent.", kind: "attribute", info: "An attribute of the parent span.", again: true },
];

export const comparisons: Suggestion[] = [
  { label: "=", kind: "operator", info: "is", insert: ["= ", ""], again: true },
  { label: "!=", kind: "operator", info: "is not", insert: ["!= ", ""], again: true },
  { label: "=~", kind: "operator", info: "matches the pattern", insert: ['=~ "', '"'] },
  { label: "!~", kind: "operator", info: "does not match the pattern", insert: ['!~ "', '"'] },
  { label: ">", kind: "operator", info: "more than", insert: ["> ", ""] },
  { label: ">=", kind: "operator", info: "at least", insert: [">= ", ""] },
  { label: "<", kind: "operator", info: "less than", insert: ["< ", ""] },
  { label: "<=", kind: "operator", info: "at most", insert: ["<= ", ""] },
];

/** Between conditions. */
export const connectives: Suggestion[] = [
  { label: "&&", kind: "operator", info: "both", insert: ["&& ", ""], again: true },
  { label: "||", kind: "operator", info: "either", insert: ["|| ", ""], again: true },
];

/** Between two sets of spans. */
export const structural: Suggestion[] = [
  { label: "&&", kind: "operator", info: "Both are in the trace.", insert: ["&& { ", " }"], again: true },
  { label: "||", kind: "operator", info: "Either is in the trace.", insert: ["|| { ", " }"], again: true },
  { label: ">>", kind: "operator", info: "The right spans are descendants of the left ones.", insert: [">> { ", " }"], again: true },
  { label: ">", kind: "operator", info: "The right spans are children of the left ones.", insert: ["> { ", " }"], again: true },
  { label: "<<", kind: "operator", info: "The right spans are ancestors of the left ones.", insert: ["<< { ", " }"], again: true },
  { label: "<", kind: "operator", info: "The right spans are parents of the left ones.", insert: ["< { ", " }"], again: true },
  { label: "~", kind: "operator", info: "The spans have the same parent.", insert: ["~ { ", " }"], again: true },
  { label: "!>>", kind: "operator", info: "The right spans are no descendants of the left ones.", insert: ["!>> { ", " }"], again: true },
  { label: "!>", kind: "operator", info: "The right spans are no children of the left ones.", insert: ["!> { ", " }"], again: true },
  { label: "!<<", kind: "operator", info: "The right spans are no ancestors of the left ones.", insert: ["!<< { ", " }"], again: true },
  { label: "!<", kind: "operator", info: "The right spans are no parents of the left ones.", insert: ["!< { ", " }"], again: true },
  { label: "!~", kind: "operator", info: "The spans have different parents.", insert: ["!~ { ", " }"], again: true },
  { label: "&>>", kind: "operator", info: "As >>, and both sides are shown.", insert: ["&>> { ", " }"], again: true },
  { label: "&>", kind: "operator", info: "As >, and both sides are shown.", insert: ["&> { ", " }"], again: true },
  { label: "&<<", kind: "operator", info: "As <<, and both sides are shown.", insert: ["&<< { ", " }"], again: true },
  { label: "&<", kind: "operator", info: "As <, and both sides are shown.", insert: ["&< { ", " }"], again: true },
  { label: "&~", kind: "operator", info: "As ~, and both sides are shown.", insert: ["&~ { ", " }"], again: true },
];

/** Behind a pipe. */
export const functions: Suggestion[] = [
  ...table(
    `
count() Number of matching spans in each trace: count() > 2.
avg(field) Mean over the matching spans.
min(field) Smallest over the matching spans.
max(field) Largest over the matching spans.
sum(field) Sum over the matching spans.
by(field) One set of spans for each value.
select(field, …) Fields to show beside the spans.
coalesce() Joins the sets of spans of each trace.
`,
    "function",
  ),
  ...table(
    `
rate() Spans per second: makes a metric.
count_over_time() Spans in each step.
sum_over_time(field) Sum of a field in each step.
avg_over_time(field) Mean of a field in each step.
min_over_time(field) Smallest value of a field in each step.
max_over_time(field) Largest value of a field in each step.
quantile_over_time(field, q, …) Quantiles of a field: duration, 0.5, 0.99.
histogram_over_time(field) Distribution of a field in each step.
compare({selection}) How the attributes of a selection differ from the rest.
topk(k) The k series with the largest values.
bottomk(k) The k series with the smallest values.
`,
    "aggregation",
  ),
];

/** Behind a metrics function. */
export const groupings: Suggestion[] = [
  { label: "by", kind: "keyword", info: "One series for each value.", insert: ["by (", ")"], again: true },
  { label: "with", kind: "keyword", info: "Hints such as sample=true.", insert: ["with (", ")"] },
];

export const constants: Record<string, string[]> = {
  status: ["error", "ok", "unset"],
  kind: ["server", "client", "internal", "producer", "consumer", "unspecified"],
  duration: ["10ms", "100ms", "500ms", "1s", "5s"],
};
