// Functions, stages and filters of LogQL.
import type { Suggestion } from "../source";
import { table } from "./promql_words";

export const rangeFunctions = table(
  `
rate(log range) Lines per second, or with unwrap the sum of values per second.
count_over_time(log range) Number of lines in the range.
bytes_rate(log range) Bytes per second.
bytes_over_time(log range) Bytes in the range.
absent_over_time(log range) 1 when the range has no line: for alerts on missing logs.
rate_counter(unwrapped range) Growth per second of values that count up.
sum_over_time(unwrapped range) Sum of the unwrapped values.
avg_over_time(unwrapped range) Mean of the unwrapped values.
min_over_time(unwrapped range) Smallest unwrapped value.
max_over_time(unwrapped range) Largest unwrapped value.
first_over_time(unwrapped range) Oldest unwrapped value.
last_over_time(unwrapped range) Newest unwrapped value.
stddev_over_time(unwrapped range) Standard deviation of the unwrapped values.
stdvar_over_time(unwrapped range) Variance of the unwrapped values.
quantile_over_time(q, unwrapped range) Quantile of the unwrapped values, such as 0.95.
label_replace(v, "to", "replacement", "from", "regex") Writes a label from what a pattern finds in another.
vector(number) A number as a vector without labels.
`,
  "function",
);

export const aggregations = table(
  `
sum(v) Adds up.
avg(v) Mean.
min(v) Smallest value.
max(v) Largest value.
count(v) Number of series.
topk(k, v) The k series with the largest values.
bottomk(k, v) The k series with the smallest values.
approx_topk(k, v) Roughly the k largest, for very many series.
stddev(v) Standard deviation over the series.
stdvar(v) Variance over the series.
sort(v) Smallest first.
sort_desc(v) Largest first.
`,
  "aggregation",
);

/** Behind a selector or a stage: what a line has to contain, with its pipe. */
export const lineFilters: Suggestion[] = [
  { label: "|=", kind: "operator", detail: "line filter", info: "The line contains this text.", insert: ['|= "', '"'] },
  { label: "!=", kind: "operator", detail: "line filter", info: "The line does not contain this text.", insert: ['!= "', '"'] },
  { label: "|~", kind: "operator", detail: "line filter", info: "The line matches this pattern.", insert: ["|~ `", "`"] },
  { label: "!~", kind: "operator", detail: "line filter", info: "The line does not match this pattern.", insert: ["!~ `", "`"] },
  { label: "|>", kind: "operator", detail: "line filter", info: "The line has this shape: <_> stands for anything.", insert: ['|> "', '"'] },
  { label: "!>", kind: "operator", detail: "line filter", info: "The line does not have this shape.", insert: ['!> "', '"'] },
];

/** Behind a pipe. */
export const stages: Suggestion[] = [
  { label: "json", kind: "stage", detail: "parser", info: "Reads the line as JSON; its fields become labels." },
  { label: "logfmt", kind: "stage", detail: "parser", info: "Reads key=value pairs; they become labels." },
  { label: "pattern", kind: "stage", detail: "parser", info: "Takes the line apart: <ip> - <_> [<time>].", insert: ["pattern `", "`"] },
  { label: "regexp", kind: "stage", detail: "parser", info: "Takes the line apart by a pattern's named groups: (?P<name>…).", insert: ["regexp `", "`"] },
  { label: "unpack", kind: "stage", detail: "parser", info: "Reads lines that were packed by promtail." },
  { label: "line_format", kind: "stage", detail: "format", info: "Writes the line anew: {{.label}}.", insert: ['line_format "{{.', '}}"'], again: true },
  { label: "label_format", kind: "stage", detail: "format", info: "Renames or writes labels: new=old.", insert: ["label_format ", ""] },
  { label: "unwrap", kind: "stage", detail: "value", info: "Makes a label the value of a metric query.", insert: ["unwrap ", ""], again: true },
  { label: "drop", kind: "stage", detail: "labels", info: "Leaves these labels out.", insert: ["drop ", ""], again: true },
  { label: "keep", kind: "stage", detail: "labels", info: "Keeps these labels only.", insert: ["keep ", ""], again: true },
  { label: "decolorize", kind: "stage", detail: "format", info: "Removes colours for terminals from the line." },
];

/** Behind a label in a label filter. */
export const comparisons: Suggestion[] = [
  { label: "=", kind: "operator", info: "is", insert: ['="', '"'], again: true },
  { label: "!=", kind: "operator", info: "is not", insert: ['!="', '"'], again: true },
  { label: "=~", kind: "operator", info: "matches the pattern", insert: ['=~"', '"'], again: true },
  { label: "!~", kind: "operator", info: "does not match the pattern", insert: ['!~"', '"'], again: true },
  { label: ">", kind: "operator", info: "more than: numbers, durations, sizes", insert: ["> ", ""] },
  { label: ">=", kind: "operator", info: "at least", insert: [">= ", ""] },
  { label: "<", kind: "operator", info: "less than", insert: ["< ", ""] },
  { label: "<=", kind: "operator", info: "at most", insert: ["<= ", ""] },
];

/** How unwrap reads a label. */
export const conversions = table(
  `
duration(label) The label is a duration: seconds come out.
duration_seconds(label) The same as duration.
bytes(label) The label is a size such as 5KB: bytes come out.
`,
  "function",
);

export const filterWords: Suggestion[] = [
  { label: "and", kind: "keyword" },
  { label: "or", kind: "keyword" },
];
