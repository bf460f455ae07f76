// What may stand at a place in TraceQL.
import type { Token } from "../lex";
import { type Cursor, cursorAt, level, type Text, textAt } from "./cursor";

interface Place {
  from: number;
  to: number;
}

export type TraceqlContext =
  /** A set of spans: braces. */
  | (Place & { kind: "spans" })
  /** Behind a set of spans. */
  | (Place & { kind: "structural" })
  /** Behind a pipe. */
  | (Place & { kind: "function" })
  /** Behind a function. */
  | (Place & { kind: "behind" })
  /** An intrinsic or an attribute. */
  | (Place & { kind: "field"; isFollowed: boolean; isCondition: boolean })
  | (Place & { kind: "operator" })
  /** `filter` is a query of the other conditions. */
  | (Place & { kind: "value"; field: string; filter: string; text: Text; isQuoted: boolean })
  /** Behind a condition. */
  | (Place & { kind: "connective" });

const COMPARISON = /^(?:=|!=|=~|!~|>|>=|<|<=)$/;
const ARITHMETIC = /^[-+*/%^]$/;
const CONNECTIVE = /^(?:&&|\|\||!)$/;

/** What may stand at the cursor; null in comments and where only a mark fits. */
export function traceqlContext(text: string, at: number): TraceqlContext | null {
  const cursor = cursorAt("traceql", text, at);
  const { current, before, open, from, to } = cursor;
  if (current?.kind === "comment") return null;
  const inner = before[open.at(-1) ?? -1];
  const isInBraces = open.some((index) => before[index]?.kind === "{");
  if (isInBraces) return inBraces(cursor);
  if (current?.kind === "string" || current?.kind === "number") return null;
  const tokens = level(cursor);
  const last = tokens.at(-1);
  const word = before[(open.at(-1) ?? 0) - 1];
  if (inner?.kind === "(" && word?.kind === "word") {
    if (/^(?:topk|bottomk|with)$/.test(word.text)) return null;
    return !last || last.kind === "," ? { kind: "field", from, to, isFollowed: false, isCondition: false } : null;
  }
  if (last?.text === "|") return { kind: "function", from, to };
  if (last?.kind === "}") return { kind: "structural", from, to };
  if (last?.kind === ")") return tokens.some(({ text: mark }) => mark === "|") ? { kind: "behind", from, to } : { kind: "structural", from, to };
  return last?.kind === "word" || last?.kind === "number" || last?.kind === "duration" ? null : { kind: "spans", from, to };
}

function inBraces(cursor: Cursor): TraceqlContext | null {
  const { current, before, from, to, text } = cursor;
  const last = before.at(-1);
  const isText = current?.kind === "string";
  if (last?.kind === "operator" && COMPARISON.test(last.text)) {
    const value = textAt(cursor);
    return { kind: "value", from: value.from, to: value.to, field: before.at(-2)?.text ?? "", filter: filter(cursor), text: value, isQuoted: isText };
  }
  if (isText || current?.kind === "number" || current?.kind === "duration") return null;
  const wantsField = last?.kind === "{" || last?.kind === "(" || (last?.kind === "operator" && (CONNECTIVE.test(last.text) || ARITHMETIC.test(last.text)));
  if (wantsField) return { kind: "field", from, to, isFollowed: /^\s*(?:[=!<>]|&&|\|\|)/.test(text.slice(to)), isCondition: true };
  const isCompared = hasComparison(before);
  const isField = last?.kind === "name" || last?.kind === "word";
  return isField && !isCompared ? { kind: "operator", from, to } : { kind: "connective", from, to };
}

/** Whether the condition at the cursor has its comparison already. */
function hasComparison(before: readonly Token[]): boolean {
  const start = before.findLastIndex(({ kind, text }) => kind === "{" || kind === "(" || text === "&&" || text === "||");
  return before.slice(start + 1).some(({ text }) => COMPARISON.test(text));
}

/** The finished conditions of the braces at the cursor that all have to hold, as a query. */
function filter({ before, open, after }: Cursor): string {
  const brace = open.findLast((index) => before[index]?.kind === "{") ?? 0;
  const end = after.findIndex(({ kind }) => kind === "}");
  const parts = split([...before.slice(brace + 1), ...after.slice(0, Math.max(0, end))]);
  if (!parts) return "";
  const finished = parts.filter(([field, operator, value, ...more]) => !more.length && /^(?:name|word)$/.test(field?.kind ?? "") && COMPARISON.test(operator?.text ?? "") && value && !value.isOpen);
  return finished.length ? `{ ${finished.map((part) => part.map(({ text }) => text).join(" ")).join(" && ")} }` : "";
}

/** Tokens between `&&`; null when there is more than that to understand. */
function split(tokens: readonly Token[]): Token[][] | null {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "(" || token.text === "||" || token.text === "!") return null;
    if (token.text === "&&") parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
