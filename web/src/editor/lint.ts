// Mistakes that are told while a query is written: brackets and strings here, all else by the server.
import { get } from "../data/api";
import { type QueryError, queryError } from "../data/query_error";
import { type Language, lex, partners, type Token } from "./lex";

const LONGEST = 20_000;
const MOST_KEPT = 100;
/** What the server said of a text; it says the same again. */
const known = new Map<string, string | null>();

/** The first mistake, or null: also when the server cannot be asked. */
export async function lint(language: Language, text: string): Promise<QueryError | null> {
  if (!text.trim() || text.length > LONGEST) return null;
  const tokens = lex(language, text);
  // Grafana's variables stand for anything.
  if (tokens.some(({ kind }) => kind === "variable")) return null;
  const open = unfinished(tokens);
  if (open) return open;
  const error = await asked(language, text);
  return error === null ? null : queryError(text, error);
}

async function asked(language: Language, text: string): Promise<string | null> {
  const key = `${language}:${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  try {
    const { error } = await get<{ error: string | null }>("/api/ui/parse", { language, query: text });
    known.set(key, error);
    const [oldest] = known.keys();
    if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest);
    return error;
  } catch {
    return null;
  }
}

/** A string without end or a bracket without partner: these messages are better than a parser's. */
export function unfinished(tokens: readonly Token[]): QueryError | null {
  const string = tokens.find((token) => token.kind === "string" && token.isOpen);
  if (string) return { message: `the string that starts with ${string.text[0] ?? ""} has no end`, offset: string.from, length: string.text.length };
  const known = partners(tokens);
  const bracket = tokens.find((token, index) => /^[(){}[\]]$/.test(token.kind) && !known.has(index));
  if (!bracket) return null;
  const what = /[({[]/.test(bracket.text) ? "is never closed" : "closes nothing";
  return { message: `${bracket.text} ${what}`, offset: bracket.from, length: 1 };
}
