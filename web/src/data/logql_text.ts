// The parts of a LogQL query as places in its text, so that a filter can be added without touching
// what somebody wrote around it. No grammar: strings, comments, brackets and bars are enough.

export interface Span {
  start: number;
  end: number;
}

export interface Pipeline {
  /** From the brace on; a metric query's ends before its range. */
  start: number;
  /** Behind the closing brace. */
  selectorEnd: number;
  end: number;
  stages: (Span & { text: string })[];
}

export interface LabelMatcher extends Span {
  name: string;
  op: string;
  /** The literal as written. */
  literal: string;
}

/** The same text with the content of strings and comments blanked, places unchanged. */
export function masked(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"?|`[^`]*`?|#[^\n]*/g, (found) => (found.startsWith("#") ? " ".repeat(found.length) : `"${"·".repeat(Math.max(0, found.length - 2))}${found.length > 1 ? '"' : ""}`));
}

/** Whether a query gives numbers, not lines. */
export function isMetric(text: string): boolean {
  const plain = masked(text).trim();
  return plain !== "" && !plain.startsWith("{") && !/^\(*\s*\{[^{]*$/.test(plain);
}

/** The first log pipeline of a query; null when there is none. */
export function pipelineOf(text: string): Pipeline | null {
  const plain = masked(text);
  const start = plain.indexOf("{");
  const selectorEnd = plain.indexOf("}", start) + 1;
  if (start < 0 || selectorEnd === 0) return null;
  let depth = 0;
  let end = selectorEnd;
  for (; end < plain.length; end++) {
    const character = plain[end];
    if (character === "(") depth += 1;
    if (character === ")" && --depth < 0) break;
    if (character === "[") break;
  }
  end = start + plain.slice(start, end).trimEnd().length;
  return { start, selectorEnd, end, stages: stagesOf(text, plain, selectorEnd, end) };
}

const BAR = /\|[>=~]?|![=~>]/g;
/** `| json != "x"`: a parser without parameters, so that what follows filters lines. */
const BARE = /\|\s*(?:json|logfmt|unpack|decolorize)\s*$/;

function stagesOf(text: string, plain: string, from: number, until: number): Pipeline["stages"] {
  const starts: number[] = [];
  for (const found of plain.slice(from, until).matchAll(BAR)) {
    const at = from + found.index;
    const before = plain.slice(from, at);
    const isOperator = found[0].startsWith("!") && /\w\s*$/.test(before) && !BARE.test(before);
    if (!isOperator) starts.push(at);
  }
  return starts.map((start, i) => {
    const stop = starts[i + 1] ?? until;
    const end = start + plain.slice(start, stop).trimEnd().length;
    return { start, end, text: text.slice(start, end) };
  });
}

const MATCHER = /([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*("[^"]*"?)/g;

/** The matchers of a pipeline's selector. */
export function matchersOf(text: string, pipeline: Pipeline): LabelMatcher[] {
  const plain = masked(text).slice(pipeline.start, pipeline.selectorEnd);
  return [...plain.matchAll(MATCHER)].map((found) => {
    const start = pipeline.start + found.index;
    const end = start + found[0].length;
    return { start, end, name: found[1] ?? "", op: found[2] ?? "", literal: text.slice(end - (found[3]?.length ?? 0), end) };
  });
}

/** The selector alone, for APIs that take nothing else. */
export function selectorOf(text: string): string {
  const pipeline = pipelineOf(text);
  return pipeline ? text.slice(pipeline.start, pipeline.selectorEnd) : "{}";
}

/** Text with a part replaced. */
export function spliced(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}
