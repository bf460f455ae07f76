// What may stand at a place in LogQL.
import type { Token } from "../lex";
import { type Cursor, cursorAt, level, matchersIn, selectorOf, type Text, textAt } from "./cursor";

interface Place {
  from: number;
  to: number;
}

export type LogqlContext =
  /** A query or an operand of one. */
  | (Place & { kind: "operand"; isWhole: boolean })
  /** Behind an operand of a metric query. */
  | (Place & { kind: "behind"; isAggregation: boolean; isRange: boolean })
  | (Place & { kind: "label"; selector: string; taken: string[]; isFollowed: boolean })
  | (Place & { kind: "operator"; isStream: boolean })
  | (Place & { kind: "value"; label: string; selector: string; text: Text; isQuoted: boolean })
  /** Where a line filter or a pipe fits. */
  | (Place & { kind: "pipe" })
  /** Behind a pipe: `query` is what stands before it. */
  | (Place & { kind: "stage"; query: string; selector: string })
  | (Place & { kind: "field"; query: string; selector: string; isUnwrap: boolean; isFilter: boolean })
  | (Place & { kind: "field value"; label: string; query: string; selector: string; text: Text; isQuoted: boolean })
  /** Behind a finished label filter. */
  | (Place & { kind: "joint" })
  | (Place & { kind: "grouping"; query: string; selector: string })
  | (Place & { kind: "duration" });

const GROUPING = /^(?:by|without|on|ignoring|group_left|group_right)$/i;
const AGGREGATION = /^(?:sum|avg|min|max|count|topk|bottomk|approx_topk|stddev|stdvar)$/i;
const OPERATOR = /^(?:[-+*/%^<>]|==|!=|>=|<=|and|or|unless)$/i;
const LINE_FILTER = /^(?:\|[=~>]|![=~>])$/;
const COMPARISON = /^(?:=|==|!=|=~|!~|>|>=|<|<=)$/;
const LISTS = /^(?:json|logfmt|drop|keep|label_format)$/i;
const BARE = /^(?:unpack|decolorize)$/i;
const TEXTS = /^(?:pattern|regexp|line_format)$/i;

/** What may stand at the cursor; null in comments and in texts. */
export function logqlContext(text: string, at: number): LogqlContext | null {
  const cursor = cursorAt("logql", text, at);
  const { current, before, open, from, to } = cursor;
  if (current?.kind === "comment") return null;
  const opener = before[open.at(-1) ?? -1];
  if (opener?.kind === "{") return inBraces(cursor);
  if (opener?.kind === "[") return { kind: "duration", from, to };
  if (opener?.kind === "(" && GROUPING.test(before[(open.at(-1) ?? 0) - 1]?.text ?? "")) {
    return current?.kind === "string" ? null : { kind: "grouping", from, to, ...firstQuery([...before, ...cursor.after], text) };
  }
  const tokens = level(cursor);
  const brace = tokens.findLastIndex(({ kind }) => kind === "}");
  const isOver = tokens.slice(brace + 1).some(({ kind }) => kind === "]" || kind === ")");
  if (brace >= 0 && !isOver) return inPipeline(cursor, tokens.slice(brace + 1));
  if (opener?.kind === "(") {
    // `| unwrap duration(` and filters in parentheses stand in a pipeline as well.
    const outer = outerPipeline(cursor);
    if (outer) return inPipeline(cursor, [...outer, ...tokens]);
  }
  return current?.kind === "string" || current?.kind === "number" ? null : between(cursor, tokens);
}

function between({ from, to, before }: Cursor, tokens: readonly Token[]): LogqlContext {
  const last = tokens.at(-1);
  if (last?.kind === "word" && /^offset$/i.test(last.text)) return { kind: "duration", from, to };
  const word = tokens[tokens.findLastIndex(({ kind }) => kind === "(") - 1]?.text ?? "";
  const isBefore = last?.kind === ")" && GROUPING.test(word) && AGGREGATION.test(tokens[tokens.findLastIndex(({ kind }) => kind === "(") - 2]?.text ?? "");
  const isOperand = /^(?:[)\]]|number|duration)$/.test(last?.kind ?? "") || (last?.kind === "word" && AGGREGATION.test(last.text));
  if (isOperand && !isBefore && !OPERATOR.test(last?.text ?? "")) {
    return { kind: "behind", from, to, isAggregation: AGGREGATION.test(last?.kind === ")" ? word : (last?.text ?? "")), isRange: last?.kind === "]" };
  }
  return { kind: "operand", from, to, isWhole: before.length === 0 };
}

function inBraces(cursor: Cursor): LogqlContext | null {
  const { current, before, after, open, from, to, text } = cursor;
  const brace = open.at(-1) ?? 0;
  const last = before.at(-1);
  const matchers = matchersIn([...before, ...after], brace);
  const selector = matchers.length ? selectorOf(matchers) : "";
  if (last?.kind === "operator") {
    const value = textAt(cursor);
    return { kind: "value", from: value.from, to: value.to, label: before.at(-2)?.text ?? "", selector, text: value, isQuoted: current?.kind === "string" };
  }
  if (current?.kind === "string") return null;
  if (last?.kind === "word") return { kind: "operator", from, to, isStream: true };
  if (last?.kind !== "{" && last?.kind !== ",") return null;
  return { kind: "label", from, to, selector, taken: matchers.map(({ name }) => name), isFollowed: /^\s*[=!]/.test(text.slice(to)) };
}

/** Behind a selector: `tokens` are those since its brace. */
function inPipeline(cursor: Cursor, tokens: readonly Token[]): LogqlContext | null {
  const { current, from, to, text } = cursor;
  const isText = current?.kind === "string";
  const pipe = tokens.findLastIndex((token) => token.text === "|" || isLineFilter(token, tokens));
  const start = tokens[pipe];
  const query = queryBefore(cursor, start ? start.from : from);
  if (!start) return isText ? null : { kind: "pipe", from, to };
  const stage = tokens.slice(pipe + 1);
  if (start.text !== "|") return !isText && stage.length ? { kind: "pipe", from, to } : null;
  const [first] = stage;
  if (!first) return isText ? null : { kind: "stage", from, to, ...query };
  const last = stage.at(-1);
  if (TEXTS.test(first.text)) return inText(cursor, stage, query);
  if (BARE.test(first.text)) return isText ? null : { kind: "pipe", from, to };
  const asks = last === first || /^[,(=]$/.test(last?.text ?? "");
  if (/^unwrap$/i.test(first.text)) return isText ? null : asks ? { kind: "field", from, to, ...query, isUnwrap: stage.length === 1, isFilter: false } : { kind: "pipe", from, to };
  if (LISTS.test(first.text) && !COMPARISON.test(stage[1]?.text ?? "")) {
    if (isText) return inText(cursor, stage, query);
    return asks && (last !== first || text.slice(first.to, from) !== "") ? { kind: "field", from, to, ...query, isUnwrap: false, isFilter: false } : { kind: "pipe", from, to };
  }
  return inFilter(cursor, stage, query);
}

/** `!=` filters lines unless a label stands before it. */
function isLineFilter(token: Token, tokens: readonly Token[]): boolean {
  if (token.kind !== "operator" || !LINE_FILTER.test(token.text)) return false;
  const before = tokens[tokens.indexOf(token) - 1];
  const isLabel = before?.kind === "word" && !LISTS.test(before.text) && !BARE.test(before.text);
  return token.text.startsWith("|") || !isLabel;
}

/** A label filter: `size > 10KB and (level = "error" or …)`. */
function inFilter(cursor: Cursor, stage: readonly Token[], query: Query): LogqlContext | null {
  const { current, from, to } = cursor;
  const last = stage.at(-1);
  const isText = current?.kind === "string";
  if (last?.kind === "operator" && COMPARISON.test(last.text)) {
    const value = textAt(cursor);
    return { kind: "field value", from: value.from, to: value.to, label: stage.at(-2)?.text ?? "", ...query, text: value, isQuoted: isText };
  }
  if (isText) return null;
  const isJoint = last?.kind === "word" && /^(?:and|or)$/i.test(last.text);
  if (isJoint || last?.kind === "," || last?.kind === "(") return { kind: "field", from, to, ...query, isUnwrap: false, isFilter: true };
  if (last?.kind === "word") return { kind: "operator", from, to, isStream: false };
  return { kind: "joint", from, to };
}

/** In a template's braces fields fit, elsewhere in texts nothing. */
function inText({ current, at, from, to, text }: Cursor, stage: readonly Token[], query: Query): LogqlContext | null {
  if (current?.kind !== "string") return stage.length > 1 ? { kind: "pipe", from, to } : null;
  const field = /\{\{[^}]*\.(\w*)$/.exec(text.slice(current.from, at));
  if (!field) return null;
  const end = /^\w*/.exec(text.slice(at))?.[0].length ?? 0;
  return { kind: "field", from: at - (field[1]?.length ?? 0), to: at + end, ...query, isUnwrap: false, isFilter: false };
}

interface Query {
  /** Selector and the stages before the one at the cursor. */
  query: string;
  selector: string;
}

function queryBefore({ before, text }: Cursor, end: number): Query {
  const brace = before.findLastIndex(({ kind, from }) => kind === "{" && from < end);
  const close = before.find(({ kind, from }) => kind === "}" && from > (before[brace]?.from ?? 0));
  const start = before[brace]?.from ?? 0;
  return { query: text.slice(start, end).trim(), selector: text.slice(start, close?.to ?? end) };
}

/** The first log query anywhere in the text, without its range. */
function firstQuery(tokens: readonly Token[], text: string): Query {
  const brace = tokens.findIndex(({ kind }) => kind === "{");
  const close = tokens.find(({ kind }, index) => kind === "}" && index > brace);
  if (brace < 0 || !close) return { query: "", selector: "" };
  const end = tokens.find(({ kind, from }) => (kind === "[" || kind === ")") && from > close.from);
  const start = tokens[brace]?.from ?? 0;
  return { query: text.slice(start, end?.from ?? text.length).trim(), selector: text.slice(start, close.to) };
}

/** The tokens of the pipeline around the parentheses at the cursor; null when they are in none. */
function outerPipeline({ before, open }: Cursor): Token[] | null {
  const outer = before.slice((open.at(-2) ?? -1) + 1, (open.at(-1) ?? 0) + 1);
  const brace = outer.findLastIndex(({ kind }) => kind === "}");
  const isOver = outer.slice(brace + 1).some(({ kind }) => kind === "]");
  return brace >= 0 && !isOver && outer.slice(brace + 1).some(({ text }) => text === "|") ? outer.slice(brace + 1) : null;
}
