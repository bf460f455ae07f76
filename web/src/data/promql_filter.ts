// Narrows every selector of a PromQL expression by a label: works on tokens, so that the text keeps its form.
import { lex, partners, type Token } from "../editor/lex";

/** Words that stand before a bracket or a list of labels and are no metrics. */
const KEYWORDS = new Set(["by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "and", "or", "unless", "atan2", "inf", "nan", "start", "end", "fill", "fill_left", "fill_right", "anchored", "smoothed"]);
/** Whose brackets hold names of labels. */
const LISTS = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const OPERATORS = ["=~", "!~", "!=", "="];

/**
 * The expression with `name="value"` (`!=` when excluded) in each of its selectors.
 *
 * A matcher that says the same already stays alone, and one with `=` for the label gives way, as a
 * second value for it would select nothing.
 */
export function withMatcher(expr: string, name: string, value: string, isExcluded = false): string {
  const matcher = `${labelName(name)}${isExcluded ? "!=" : "="}${JSON.stringify(value)}`;
  const changes = selectorsOf(expr).flatMap(({ to, braces }) => (braces ? (inBraces(braces, { matcher, name, value, isExcluded }) ?? []) : { from: to, to, text: `{${matcher}}` }));
  return changes.reduceRight((text, { from, to, text: piece }) => text.slice(0, from) + piece + text.slice(to), expr);
}

export interface Selector {
  from: number;
  to: number;
  /** From `{` to `}`; null: a metric's name alone. */
  braces: Token[] | null;
}

/** All selectors of an expression, in its order; those without a closing brace are left out. */
export function selectorsOf(expr: string): Selector[] {
  const tokens = lex("promql", expr);
  const ends = partners(tokens);
  const found: Selector[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i];
    if (!token) continue;
    if (token.kind === "word" && LISTS.has(token.text.toLowerCase()) && tokens[i + 1]?.kind === "(") {
      i = ends.get(i + 1) ?? i;
    } else if (token.kind === "{") {
      const end = ends.get(i);
      if (end === undefined) continue;
      found.push({ from: token.from, to: tokens[end]?.to ?? token.to, braces: tokens.slice(i, end + 1) });
      i = end;
    } else if (isMetric(token, tokens[i + 1])) {
      found.push({ from: token.from, to: token.to, braces: null });
    }
  }
  return found;
}

function isMetric(token: Token, next: Token | undefined): boolean {
  return token.kind === "word" && !KEYWORDS.has(token.text.toLowerCase()) && next?.kind !== "(" && next?.kind !== "{" && !isAggregationHead(token, next);
}

/** `sum by (…) (…)`: the word before `by` is no metric. */
function isAggregationHead(token: Token, next: Token | undefined): boolean {
  return next?.kind === "word" && /^(by|without)$/i.test(next.text) && token.kind === "word";
}

interface Wanted {
  matcher: string;
  name: string;
  value: string;
  isExcluded: boolean;
}

function inBraces(tokens: readonly Token[], wanted: Wanted): { from: number; to: number; text: string } | null {
  const inner = tokens.slice(1, -1);
  for (let i = 0; i + 2 < inner.length; i += 1) {
    const [label, operator, text] = [inner[i], inner[i + 1], inner[i + 2]];
    if (!label || !operator || !text || text.kind !== "string" || !OPERATORS.includes(operator.text) || unquoted(label.text) !== wanted.name) continue;
    const isSame = unquoted(text.text) === wanted.value && operator.text === (wanted.isExcluded ? "!=" : "=");
    if (isSame) return null;
    if (!wanted.isExcluded && operator.text === "=") return { from: label.from, to: text.to, text: wanted.matcher };
  }
  const last = inner.at(-1);
  const at = last?.to ?? tokens[0]?.to ?? 0;
  const comma = !last ? "" : last.kind === "," ? " " : ", ";
  return { from: at, to: at, text: comma + wanted.matcher };
}

function labelName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}

function unquoted(text: string): string {
  if (!/^["'`]/.test(text)) return text;
  const inner = text.slice(1, -1);
  return text.startsWith("`") ? inner : inner.replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char));
}
