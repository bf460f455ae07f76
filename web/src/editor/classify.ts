// What each token of a query is, for its colour: names of CSS classes `code-…`.
import { type Language, lex, type Token } from "./lex";

export type Role = "keyword" | "function" | "label" | "string" | "number" | "operator" | "comment" | "variable" | "constant";

export interface Piece {
  from: number;
  to: number;
  role: Role;
}

/** Longer texts stay plain: nobody reads them, and every key would cost. */
export const LONGEST = 50_000;

const KEYWORDS: Record<Language, ReadonlySet<string>> = {
  promql: new Set("by without on ignoring group_left group_right fill fill_left fill_right offset bool and or unless atan2 anchored smoothed".split(" ")),
  logql: new Set("by without on ignoring group_left group_right offset bool and or unless variants of json logfmt pattern regexp unpack unwrap line_format label_format decolorize drop keep --strict --keep-empty".split(" ")),
  traceql: new Set("by with select coalesce".split(" ")),
};
const CONSTANTS: Record<Language, ReadonlySet<string>> = {
  promql: new Set(["inf", "nan"]),
  logql: new Set(),
  traceql: new Set("true false nil ok error unset unspecified internal server client producer consumer minint maxint".split(" ")),
};
/** Words before a list of labels in parentheses. */
const GROUPING = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
/** Called without parentheses right behind them: `sum by (x) (…)`. */
const AGGREGATIONS = new Set("sum avg min max count group stddev stdvar topk bottomk count_values quantile limitk limit_ratio approx_topk".split(" "));

/** The coloured pieces of a query, in order. */
export function classify(language: Language, text: string): Piece[] {
  if (text.length > LONGEST) return [];
  const tokens = lex(language, text);
  const places = surroundings(tokens);
  return tokens.flatMap((token, index) => {
    const role = roleOf(language, tokens, index, places[index] ?? "");
    return role ? [{ from: token.from, to: token.to, role }] : [];
  });
}

/** What each token stands in: the innermost bracket, or `labels` for a grouping's list. */
function surroundings(tokens: readonly Token[]): string[] {
  const stack: string[] = [];
  return tokens.map((token, index) => {
    if (token.kind === "(" || token.kind === "{" || token.kind === "[") {
      const before = tokens[index - 1]?.text.toLowerCase() ?? "";
      stack.push(token.kind === "(" && GROUPING.has(before) ? "labels" : token.kind);
      return stack.at(-2) ?? "";
    }
    if (token.kind === ")" || token.kind === "}" || token.kind === "]") stack.pop();
    return stack.at(-1) ?? "";
  });
}

function roleOf(language: Language, tokens: readonly Token[], index: number, place: string): Role | null {
  const token = tokens[index];
  switch (token?.kind) {
    case "comment":
    case "string":
    case "operator":
    case "variable":
    case "number":
      return token.kind;
    case "duration":
      return "number";
    case "name":
      return "label";
    case "word":
      return language === "traceql" ? traceqlWord(tokens, index, place) : word(language, tokens, index, place);
    default:
      return null;
  }
}

function word(language: Language, tokens: readonly Token[], index: number, place: string): Role | null {
  const text = tokens[index]?.text.toLowerCase() ?? "";
  const next = tokens[index + 1];
  if (place === "{" || place === "labels") return "label";
  if (CONSTANTS[language].has(text)) return "number";
  const isStage = language === "logql" && tokens[index - 1]?.text === "|";
  if (KEYWORDS[language].has(text) && (isStage || !isLogqlField(language, next))) return "keyword";
  if (next?.kind === "(") return "function";
  if (AGGREGATIONS.has(text) && /^(by|without)$/i.test(next?.text ?? "")) return "function";
  // A plain word of PromQL is a metric, of LogQL a label.
  return language === "logql" ? "label" : null;
}

/** `| json > 5` compares a field that happens to be called as a stage is. */
function isLogqlField(language: Language, next: Token | undefined): boolean {
  return language === "logql" && next?.kind === "operator" && /^(?:[=!<>]=?|=~|!~|==)$/.test(next.text);
}

function traceqlWord(tokens: readonly Token[], index: number, place: string): Role | null {
  const text = tokens[index]?.text ?? "";
  const isCalled = tokens[index + 1]?.kind === "(";
  if (KEYWORDS.traceql.has(text)) return "keyword";
  if (isCalled) return "function";
  if (CONSTANTS.traceql.has(text.toLowerCase())) return "constant";
  return place === "" ? null : "label";
}
