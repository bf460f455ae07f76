// Functions and words of PromQL: name, arguments, what it does.
import type { Suggestion } from "../source";

const FUNCTIONS = `
abs(v instant) Absolute value of each sample.
absent(v instant) 1 when the selector finds nothing: for alerts on missing series.
absent_over_time(v range) 1 when the selector finds nothing in the whole range.
acos(v instant) Arc cosine in radians.
acosh(v instant) Inverse hyperbolic cosine.
asin(v instant) Arc sine in radians.
asinh(v instant) Inverse hyperbolic sine.
atan(v instant) Arc tangent in radians.
atanh(v instant) Inverse hyperbolic tangent.
avg_over_time(v range) Mean of all samples in the range.
ceil(v instant) Rounds up to whole numbers.
changes(v range) How often the value changed within the range.
clamp(v instant, min, max) Keeps values between two bounds.
clamp_max(v instant, max) Keeps values at or below a bound.
clamp_min(v instant, min) Keeps values at or above a bound.
cos(v instant) Cosine; the input is in radians.
cosh(v instant) Hyperbolic cosine.
count_over_time(v range) Number of samples in the range.
day_of_month(v instant) Day of the month in UTC, 1 to 31.
day_of_week(v instant) Day of the week in UTC, 0 is Sunday.
day_of_year(v instant) Day of the year in UTC, from 1.
days_in_month(v instant) Days in the month, 28 to 31.
deg(v instant) Radians to degrees.
delta(v range) Difference between the range's end and start: for gauges.
deriv(v range) Slope per second by linear regression: for gauges.
double_exponential_smoothing(v range, level, trend) Smooths a gauge; the newest samples weigh most.
exp(v instant) e to the power of each value.
first_over_time(v range) The oldest sample in the range.
floor(v instant) Rounds down to whole numbers.
histogram_avg(v instant) Mean of the observations in native histograms.
histogram_count(v instant) Number of observations in native histograms.
histogram_fraction(lower, upper, v instant) Share of observations between two bounds.
histogram_quantile(q, v instant) Quantile of a histogram, such as 0.95 of the buckets' rates by le.
histogram_quantiles(v instant, "label", q, …) Several quantiles at once, told apart by a label.
histogram_stddev(v instant) Standard deviation of the observations in native histograms.
histogram_stdvar(v instant) Variance of the observations in native histograms.
histogram_sum(v instant) Sum of the observations in native histograms.
hour(v instant) Hour of the day in UTC, 0 to 23.
idelta(v range) Difference of the last two samples: for gauges.
increase(v range) How much a counter grew over the range; resets are seen.
info(v instant, {labels}) Adds labels of info metrics such as target_info.
irate(v range) Growth per second from the last two samples of a counter.
label_join(v instant, "to", "separator", "from", …) Joins the values of labels into one.
label_replace(v instant, "to", "replacement", "from", "regex") Writes a label from what a pattern finds in another.
last_over_time(v range) The newest sample in the range.
ln(v instant) Natural logarithm.
log10(v instant) Logarithm to base 10.
log2(v instant) Logarithm to base 2.
mad_over_time(v range) Median absolute deviation over the range.
max_of(a, b) The larger of two numbers.
max_over_time(v range) Largest sample in the range.
min_of(a, b) The smaller of two numbers.
min_over_time(v range) Smallest sample in the range.
minute(v instant) Minute of the hour in UTC, 0 to 59.
month(v instant) Month of the year in UTC, 1 to 12.
pi() The number π.
predict_linear(v range, seconds) Value after so many seconds, by linear regression: for gauges.
present_over_time(v range) 1 for each series with a sample in the range.
quantile_over_time(q, v range) Quantile of the samples in the range.
rad(v instant) Degrees to radians.
rate(v range) Growth per second of a counter, averaged over the range; resets are seen.
resets(v range) How often a counter went down within the range.
round(v instant, to nearest) Rounds to whole numbers, or to multiples of the second argument.
scalar(v instant) The value of the only series as a number, else NaN.
sgn(v instant) Sign of each value: -1, 0 or 1.
sin(v instant) Sine; the input is in radians.
sinh(v instant) Hyperbolic sine.
sort(v instant) Smallest first; has an effect on tables only.
sort_by_label(v instant, "label", …) In the order of labels' values.
sort_by_label_desc(v instant, "label", …) In the reverse order of labels' values.
sort_desc(v instant) Largest first; has an effect on tables only.
sqrt(v instant) Square root.
start_timestamp(v instant) When each counter started, in seconds since 1970.
stddev_over_time(v range) Standard deviation of the samples in the range.
stdvar_over_time(v range) Variance of the samples in the range.
step() The query's step in seconds.
sum_over_time(v range) Sum of all samples in the range.
tan(v instant) Tangent; the input is in radians.
tanh(v instant) Hyperbolic tangent.
time() The time of evaluation in seconds since 1970.
timestamp(v instant) The time of each sample in seconds since 1970.
ts_of_first_over_time(v range) When the oldest sample of the range was taken.
ts_of_last_over_time(v range) When the newest sample of the range was taken.
ts_of_max_over_time(v range) When the largest sample of the range was taken.
ts_of_min_over_time(v range) When the smallest sample of the range was taken.
vector(number) A number as a vector without labels.
year(v instant) Year in UTC.
`;

const AGGREGATIONS = `
sum(v) Adds up.
avg(v) Mean.
min(v) Smallest value.
max(v) Largest value.
count(v) Number of series.
topk(k, v) The k series with the largest values.
bottomk(k, v) The k series with the smallest values.
quantile(q, v) Quantile between 0 and 1 over the series.
count_values("label", v) Number of series for each value.
group(v) 1 for each group.
stddev(v) Standard deviation over the series.
stdvar(v) Variance over the series.
limitk(k, v) Any k series.
limit_ratio(ratio, v) A share of the series.
`;

/** Functions as suggestions: `name` with its arguments beside it. */
export const functions = table(FUNCTIONS, "function");
export const aggregations = table(AGGREGATIONS, "aggregation");

/** Behind an aggregation. */
export const groupings: Suggestion[] = [
  { label: "by", kind: "keyword", info: "Keeps these labels only.", insert: ["by (", ")"], again: true },
  { label: "without", kind: "keyword", info: "Keeps all labels but these.", insert: ["without (", ")"], again: true },
];

/** Behind an operand. */
export const connectives: Suggestion[] = [
  { label: "and", kind: "keyword", info: "Series of the left side that have a partner on the right." },
  { label: "or", kind: "keyword", info: "Series of the left side, and those of the right without a partner." },
  { label: "unless", kind: "keyword", info: "Series of the left side without a partner on the right." },
  { label: "atan2", kind: "keyword", info: "Angle of two sides, in radians." },
  { label: "offset", kind: "keyword", info: "As it was a while ago: offset 1d.", insert: ["offset ", ""], again: true },
];

/** Behind a binary operator. */
export const matchings: Suggestion[] = [
  { label: "bool", kind: "keyword", info: "0 or 1 instead of leaving series out." },
  { label: "on", kind: "keyword", info: "Partners are equal in these labels.", insert: ["on (", ")"], again: true },
  { label: "ignoring", kind: "keyword", info: "Partners are equal in all labels but these.", insert: ["ignoring (", ")"], again: true },
];

/** Behind on (…) or ignoring (…). */
export const sides: Suggestion[] = [
  { label: "group_left", kind: "keyword", info: "Many series on the left have the same partner.", insert: ["group_left (", ")"], again: true },
  { label: "group_right", kind: "keyword", info: "Many series on the right have the same partner.", insert: ["group_right (", ")"], again: true },
];

export const bounds: Suggestion[] = [
  { label: "start()", kind: "function", info: "The start of the query's window.", insert: ["start()", ""] },
  { label: "end()", kind: "function", info: "The end of the query's window.", insert: ["end()", ""] },
];

export const operators: Suggestion[] = [
  { label: "=", kind: "operator", info: "is", insert: ['="', '"'], again: true },
  { label: "!=", kind: "operator", info: "is not", insert: ['!="', '"'], again: true },
  { label: "=~", kind: "operator", info: "matches the pattern", insert: ['=~"', '"'], again: true },
  { label: "!~", kind: "operator", info: "does not match the pattern", insert: ['!~"', '"'], again: true },
];

/** Ranges for brackets and offsets; a number being written gets units. */
export function durations(word: string): Suggestion[] {
  const number = /^\d+/.exec(word)?.[0];
  const texts = number ? ["s", "m", "h", "d", "w"].map((unit) => number + unit) : ["1m", "5m", "10m", "15m", "30m", "1h", "6h", "12h", "1d", "7d"];
  return texts.map((label) => ({ label, kind: "duration" }));
}

/** Reads lines of `name(arguments) What it does.` */
export function table(text: string, kind: "function" | "aggregation"): Suggestion[] {
  return text.trim().split("\n").map((line) => {
    const [, label = "", args = "", info = ""] = /^(\w+)\(([^)]*)\) (.*)$/.exec(line) ?? [];
    return { label, kind, detail: `(${args})`, info, insert: args ? [`${label}(`, ")"] : [`${label}()`, ""] };
  });
}
