// What may stand at a place in PromQL.
import { type Cursor, cursorAt, level, type Matcher, matchersIn, selectorOf, type Text, textAt } from "./cursor";
import type { Token } from "../lex";

interface Place {
  from: number;
  to: number;
}

export type PromqlContext =
  /** An operand: metrics, functions, aggregations; `isRight` behind a binary operator. */
  | (Place & { kind: "operand"; isRight: boolean; isMatched: boolean })
  /** Behind an operand; `isAggregation` when by (…) may follow. */
  | (Place & { kind: "behind"; isAggregation: boolean })
  | (Place & { kind: "label"; selector: string; taken: string[]; isFollowed: boolean })
  | (Place & { kind: "operator" })
  | (Place & { kind: "value"; label: string; selector: string; matchers: Matcher[]; text: Text; isQuoted: boolean })
  | (Place & { kind: "quoted metric"; text: Text })
  | (Place & { kind: "grouping"; selectors: string[] })
  | (Place & { kind: "duration" })
  | (Place & { kind: "time" });

const AGGREGATIONS = /^(?:sum|avg|min|max|count|group|stddev|stdvar|topk|bottomk|count_values|quantile|limitk|limit_ratio)$/i;
const GROUPING = /^(?:by|without|on|ignoring|group_left|group_right)$/i;
const OPERATOR = /^(?:[-+*/%^<>]|==|!=|>=|<=|and|or|unless|atan2)$/i;

/** What may stand at the cursor; null in comments, and where only a mark fits. */
export function promqlContext(text: string, at: number): PromqlContext | null {
  const cursor = cursorAt("promql", text, at);
  const { current, before, open, from, to } = cursor;
  if (current?.kind === "comment") return null;
  const opener = before[open.at(-1) ?? -1];
  if (opener?.kind === "{") return inBraces(cursor);
  if (opener?.kind === "[") return { kind: "duration", from, to };
  if (current?.kind === "string") return null;
  const last = before.at(-1);
  if (opener?.kind === "(" && GROUPING.test(before[(open.at(-1) ?? 0) - 1]?.text ?? "")) {
    return { kind: "grouping", from, to, selectors: selectorsFor(text, at) };
  }
  if (last?.kind === "word" && /^offset$/i.test(last.text)) return { kind: "duration", from, to };
  if (last?.text === "@") return { kind: "time", from, to };
  if (current?.kind === "number" || current?.kind === "duration") return null;
  return between(cursor, last);
}

/** Outside of braces and brackets: before or behind an operand. */
function between(cursor: Cursor, last: Token | undefined): PromqlContext {
  const { from, to } = cursor;
  const tokens = level(cursor);
  const opener = tokens.findLastIndex(({ kind }) => kind === "(");
  const word = tokens[opener - 1]?.text ?? "";
  if (last?.kind === ")" && /^(?:on|ignoring|group_left|group_right)$/i.test(word)) return { kind: "operand", from, to, isRight: true, isMatched: true };
  if (last?.kind === ")" && /^(?:by|without)$/i.test(word)) {
    // `sum by (x) (…)` wants an operand, `sum(…) by (x)` has had one.
    const isBefore = AGGREGATIONS.test(tokens[opener - 2]?.text ?? "");
    return isBefore ? { kind: "operand", from, to, isRight: false, isMatched: false } : { kind: "behind", from, to, isAggregation: false };
  }
  const isName = last?.kind === "word" && !OPERATOR.test(last.text) && !/^bool$/i.test(last.text);
  const isOperand = isName || /^(?:[)}\]]|number|duration|string)$/.test(last?.kind ?? "");
  if (isOperand) return { kind: "behind", from, to, isAggregation: AGGREGATIONS.test(last?.kind === ")" ? word : (last?.text ?? "")) };
  return { kind: "operand", from, to, isRight: OPERATOR.test(last?.text ?? ""), isMatched: false };
}

function inBraces(cursor: Cursor): PromqlContext | null {
  const { current, before, after, open, from, to, text } = cursor;
  const brace = open.at(-1) ?? 0;
  const last = before.at(-1);
  const name = metricBefore(before, brace);
  const all = [...before, ...after];
  const matchers = matchersIn(all, brace);
  const selector = print(name, matchers);
  if (last?.kind === "operator") {
    const label = unquoted(before.at(-2)?.text ?? "");
    const value = textAt(cursor);
    return { kind: "value", from: value.from, to: value.to, label, selector, matchers: named(name, matchers), text: value, isQuoted: current?.kind === "string" };
  }
  if (current?.kind === "string") {
    const value = textAt(cursor);
    return last === before[brace] && !name ? { kind: "quoted metric", from: value.from, to: value.to, text: value } : null;
  }
  if (last?.kind === "word") return { kind: "operator", from, to };
  if (last?.kind !== "{" && last?.kind !== ",") return null;
  const isFollowed = /^\s*[=!]/.test(text.slice(to));
  return { kind: "label", from, to, selector, taken: matchers.map((matcher) => unquoted(matcher.name)), isFollowed };
}

/** The selectors that a grouping at the cursor is about: those of its aggregation, else all. */
function selectorsFor(text: string, at: number): string[] {
  const cursor = cursorAt("promql", text, at);
  const grouping = cursor.open.at(-1) ?? 0;
  const all = [...cursor.before, ...cursor.after];
  if (!/^(?:by|without)$/i.test(cursor.before[grouping - 1]?.text ?? "")) return selectors(all).slice(0, 5);
  const isBehind = cursor.before[grouping - 2]?.kind === ")";
  // `sum(…) by (` is about the parentheses before, `sum by (…) (` about those behind.
  const start = isBehind ? openingOf(cursor.before, grouping - 2) : grouping;
  const end = isBehind ? grouping - 1 : all.length;
  const found = selectors(all.slice(start, end));
  return (found.length ? found : selectors(all)).slice(0, 5);
}

function openingOf(tokens: readonly Token[], close: number): number {
  let depth = 0;
  for (let index = close; index >= 0; index--) {
    const kind = tokens[index]?.kind;
    if (kind === ")") depth++;
    if (kind === "(" && --depth === 0) return index;
  }
  return 0;
}

/** Every selector in some tokens, as written. */
export function selectors(tokens: readonly Token[]): string[] {
  const found = new Set<string>();
  let isList = false;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.kind === "(" && GROUPING.test(tokens[index - 1]?.text ?? "")) isList = true;
    if (token.kind === ")") isList = false;
    if (isList) return;
    if (token.kind === "{") {
      const text = print(metricBefore(tokens, index), matchersIn(tokens, index));
      if (text) found.add(text);
    } else if (token.kind === "word" && isMetric(tokens, index) && next?.kind !== "{") {
      found.add(token.text);
    }
  });
  return [...found];
}

/** The name before a brace, if it is one. */
function metricBefore(tokens: readonly Token[], brace: number): string {
  const { kind, text } = tokens[brace - 1] ?? { kind: "", text: "" };
  return kind === "word" && !isKeyword(text) ? text : "";
}

function isKeyword(text: string): boolean {
  return OPERATOR.test(text) || GROUPING.test(text) || /^(?:offset|bool|inf|nan)$/i.test(text);
}

/** Whether a word outside of braces is a metric's name: no function, operator or keyword. */
function isMetric(tokens: readonly Token[], index: number): boolean {
  const text = tokens[index]?.text ?? "";
  const brace = tokens.findLastIndex(({ kind }, place) => place < index && (kind === "{" || kind === "}"));
  if (tokens[brace]?.kind === "{") return false;
  const next = tokens[index + 1];
  return !isKeyword(text) && next?.kind !== "(" && !(AGGREGATIONS.test(text) && /^(?:by|without)$/i.test(next?.text ?? ""));
}

function named(metric: string, matchers: readonly Matcher[]): Matcher[] {
  return metric ? [{ name: "__name__", operator: "=", value: JSON.stringify(metric) }, ...matchers] : [...matchers];
}

/** A selector's text; the empty string when it would select everything. */
function print(metric: string, matchers: readonly Matcher[]): string {
  if (!metric && !matchers.length) return "";
  return metric + (matchers.length ? selectorOf(matchers) : "");
}

function unquoted(text: string): string {
  return /^["'`]/.test(text) ? text.slice(1, -1) : text;
}
