// Mistakes that a language's grammar sees, long before the server is asked. Soft: it may be wrong.
import type { Tree } from "@lezer/common";
import type { QueryError } from "../data/query_error";
import { type Language, lex, partners, type Token } from "./lex";

interface Grammar {
  parse(text: string): Tree;
}

const GRAMMARS: Record<Language, () => Promise<Grammar>> = {
  promql: async () => (await import("@prometheus-io/lezer-promql")).parser,
  logql: async () => (await import("@grafana/lezer-logql")).parser,
  traceql: async () => (await import("@grafana/lezer-traceql")).parser,
};
const LONGEST = 20_000;

/** The first mistake, or null: also when the grammar cannot be had or does not know enough. */
export async function lint(language: Language, text: string): Promise<QueryError | null> {
  if (!text.trim() || text.length > LONGEST) return null;
  const tokens = lex(language, text);
  // Grafana's variables stand for anything.
  if (tokens.some(({ kind }) => kind === "variable")) return null;
  const open = unfinished(tokens);
  if (open) return open;
  if (!isKnown(language, tokens)) return null;
  let grammar: Grammar;
  try {
    grammar = await GRAMMARS[language]();
  } catch {
    return null;
  }
  const place = firstError(grammar.parse(text));
  if (place === null || (language === "traceql" && !isInBraces(tokens, place))) return null;
  return unexpected(text, tokens, place);
}

/** A string without end or a bracket without partner: these messages are better than a grammar's. */
function unfinished(tokens: readonly Token[]): QueryError | null {
  const string = tokens.find((token) => token.kind === "string" && token.isOpen);
  if (string) return { message: `the string that starts with ${string.text[0] ?? ""} has no end`, offset: string.from, length: string.text.length };
  const known = partners(tokens);
  const bracket = tokens.find((token, index) => /^[(){}[\]]$/.test(token.kind) && !known.has(index));
  if (!bracket) return null;
  const what = /[({[]/.test(bracket.text) ? "is never closed" : "closes nothing";
  return { message: `${bracket.text} ${what}`, offset: bracket.from, length: 1 };
}

function firstError(tree: Tree): number | null {
  let found: number | null = null;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError && found === null) found = from;
      return found === null;
    },
  });
  return found;
}

function unexpected(text: string, tokens: readonly Token[], place: number): QueryError {
  const token = tokens.find(({ to }) => to > place);
  if (!token) return { message: "unexpected end of query", offset: text.trimEnd().length, length: 0 };
  return { message: `unexpected ${token.kind === "string" ? token.text : `"${token.text}"`}`, offset: token.from, length: token.text.length };
}

/** Words that our server knows and the grammars do not. */
const NEWER: Record<Language, RegExp> = {
  promql: /^(?:step|range|min_of|max_of)$/i,
  logql: /^variants$/i,
  traceql: /^(?:nestedSet(?:Left|Right|Parent)|span:childCount|childCount)$/,
};

function isKnown(language: Language, tokens: readonly Token[]): boolean {
  return !tokens.some(({ kind, text }, index) => (kind === "word" || kind === "name") && NEWER[language].test(text) && !isLabel(tokens, index));
}

function isLabel(tokens: readonly Token[], index: number): boolean {
  return /^[{,]$/.test(tokens[index - 1]?.text ?? "") && /^[=!]/.test(tokens[index + 1]?.text ?? "");
}

/** TraceQL's grammar is exact between braces only: of pipelines it knows an older form. */
function isInBraces(tokens: readonly Token[], place: number): boolean {
  let depth = 0;
  for (const { kind, from } of tokens) {
    if (from >= place) break;
    if (kind === "{") depth++;
    if (kind === "}") depth--;
  }
  return depth > 0;
}
