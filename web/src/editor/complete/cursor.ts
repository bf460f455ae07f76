// What stands around the cursor: the same for all languages.
import { type Language, lex, type Token } from "../lex";

export interface Cursor {
  text: string;
  at: number;
  /** What is being written: a word, number or string; null between tokens. */
  current: Token | null;
  /** Where the word being written starts and where it ends; both the cursor when there is none. */
  from: number;
  to: number;
  /** What of the word is before the cursor. */
  word: string;
  /** Tokens that end before it and tokens that start behind it. */
  before: Token[];
  after: Token[];
  /** Indices (of `before`) of brackets that are open at the cursor, innermost last. */
  open: number[];
}

const WRITTEN = new Set(["word", "name", "number", "duration", "variable"]);

export function cursorAt(language: Language, text: string, at: number): Cursor {
  const tokens = lex(language, text);
  const current = tokens.find((token) => isWritten(token, at)) ?? null;
  const before = tokens.filter((token) => token !== current && token.to <= at && token.kind !== "comment");
  const after = tokens.filter((token) => token !== current && token.from >= at && token.kind !== "comment");
  const from = current?.from ?? at;
  return { text, at, current, from, to: Math.max(at, current?.to ?? at), word: text.slice(from, at), before, after, open: openBrackets(before) };
}

function isWritten({ kind, from, to, isOpen }: Token, at: number): boolean {
  if (kind === "string" || kind === "comment") return from < at && (at < to || (isOpen && at === to));
  return WRITTEN.has(kind) && from < at && at <= to;
}

function openBrackets(tokens: readonly Token[]): number[] {
  const stack: number[] = [];
  tokens.forEach(({ kind }, index) => {
    if (kind === "(" || kind === "{" || kind === "[") stack.push(index);
    else if (kind === ")" || kind === "}" || kind === "]") stack.pop();
  });
  return stack;
}

/** The tokens on the cursor's own level: what nested brackets hold is left out, the brackets stay. */
export function level({ before, open }: Cursor): Token[] {
  const found: Token[] = [];
  let depth = 0;
  for (const token of before.slice((open.at(-1) ?? -1) + 1)) {
    const isClosing = token.kind === ")" || token.kind === "}" || token.kind === "]";
    if (isClosing) depth--;
    if (depth === 0) found.push(token);
    if (token.kind === "(" || token.kind === "{" || token.kind === "[") depth++;
  }
  return found;
}

/** A string being written: the part to replace, from behind its first quote to behind its last one. */
export interface Text {
  from: number;
  to: number;
  quote: string;
}

/** The string at the cursor; a value without quotes yet is one too. */
export function textAt({ current, at, from, to }: Cursor): Text {
  if (current?.kind !== "string") return { from, to, quote: '"' };
  const quote = current.text[0] ?? '"';
  return { from: current.from + 1, to: Math.max(at, current.to), quote };
}

/** What is written for a value: quoted if it does not stand in quotes already. */
export function written(value: string, { quote }: Text, isQuoted: boolean): readonly [string, string] {
  const inside = quote === "`" ? value : JSON.stringify(value).slice(1, -1);
  const escaped = quote === "'" ? inside.replaceAll("'", "\\'").replaceAll('\\"', '"') : inside;
  return isQuoted ? [escaped + quote, ""] : [quote + escaped + quote, ""];
}

/** A matcher in braces, as it is written. */
export interface Matcher {
  name: string;
  operator: string;
  value: string;
}

/** The finished matchers behind the brace at `open`, up to its end. */
export function matchersIn(tokens: readonly Token[], open: number): Matcher[] {
  const found: Matcher[] = [];
  for (let index = open + 1; index < tokens.length && tokens[index]?.kind !== "}"; index++) {
    const [name, operator, value] = tokens.slice(index, index + 3);
    const isName = name?.kind === "word" || name?.kind === "string";
    if (isName && operator?.kind === "operator" && value?.kind === "string" && !value.isOpen) found.push({ name: name.text, operator: operator.text, value: value.text });
    // A name in quotes alone is a metric's.
    const isAlone = index === open + 1 && name?.kind === "string" && !name.isOpen && /^[,}]$/.test(operator?.text ?? "}");
    if (isAlone) found.push({ name: "__name__", operator: "=", value: name.text });
  }
  return found;
}

/** Matchers as a selector in braces. */
export function selectorOf(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ name, operator, value }) => `${name}${operator}${value}`).join(", ")}}`;
}

/** A pattern for values that contain a word, whatever its case. */
export function containing(word: string): string {
  return JSON.stringify(`(?i).*${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}.*`);
}
