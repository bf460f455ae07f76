// Tokens of PromQL, LogQL and TraceQL for colours and completion. Takes any text, finished or not.

export type Language = "promql" | "logql" | "traceql";

export type Kind = "comment" | "string" | "number" | "duration" | "word" | "name" | "variable" | "operator" | "(" | ")" | "{" | "}" | "[" | "]" | "," | "other";

export interface Token {
  kind: Kind;
  text: string;
  from: number;
  to: number;
  /** A string or comment whose end is missing. */
  isOpen: boolean;
}

const STRING = String.raw`"(?:[^"\\\n]|\\[^\n])*(?:"|\\?(?=\n|$))|` + "`[^`]*`?";
const SINGLE = String.raw`'(?:[^'\\\n]|\\[^\n])*(?:'|\\?(?=\n|$))`;
const UNITS = "ms|[smhdwy]";
const UNITS_GO = "ns|us|µs|μs|ms|[smhdw]";
const SIZES = "[KMGTPkmgtp]i?[Bb]|[Bb]";
const NUMBER = String.raw`0[xX][\da-fA-F_]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
/** Grafana's variables: `$__rate_interval`, `${job:regex}`, `[[job]]`. */
const VARIABLE = String.raw`\$\{[^}\n]*\}?|\$\w+|\[\[\w+(?::\w+)?\]\]`;
const MARKS = String.raw`(?<mark>[(){}\[\],])`;

function pattern(parts: Record<string, string>): RegExp {
  const named = Object.entries(parts).map(([name, source]) => `(?<${name}>${source})`);
  return new RegExp(`${named.join("|")}|${MARKS}|(?<other>\\S)`, "yu");
}

/** A word of PromQL may hold colons, except between brackets, where they part range and step. */
function promql(word: string): RegExp {
  return pattern({
    comment: "#[^\\n]*",
    string: `${STRING}|${SINGLE}`,
    variable: VARIABLE,
    duration: `(?:\\d+(?:${UNITS}))+(?![\\p{L}\\d_])`,
    number: NUMBER,
    word,
    operator: "=~|!~|!=|==|>=|<=|</|>/|[-+*/%^=<>@:]",
  });
}

const PROMQL = promql("[\\p{L}_:][\\p{L}\\d_:]*");
const PROMQL_BRACKETS = promql("[\\p{L}_][\\p{L}\\d_]*");
const LOGQL = pattern({
  comment: "#[^\\n]*",
  string: STRING,
  variable: VARIABLE,
  duration: `(?:\\d+(?:\\.\\d+)?(?:${UNITS_GO}|${SIZES}))+(?![\\p{L}\\d_])`,
  number: NUMBER,
  word: "[\\p{L}_][\\p{L}\\d_]*|--[a-z-]+",
  operator: "\\|[=~>]|![=~>]|=~|==|>=|<=|[-+*/%^=<>|.]",
});
const TRACEQL = pattern({
  comment: "//[^\\n]*|/\\*[^]*?(?:\\*/|$)",
  string: STRING,
  variable: VARIABLE,
  name: String.raw`(?:(?:parent|resource|span|event|link|instrumentation)\.|\.(?!\d))(?:"(?:[^"\\]|\\.)*"?|[^"\s{}()=~!<>&|^,])*|(?:trace|span|event|link|instrumentation):\w*`,
  duration: `(?:\\d+(?:\\.\\d+)?(?:${UNITS_GO}))+(?![\\p{L}\\d_])`,
  number: NUMBER,
  word: "[\\p{L}_][\\p{L}\\d_]*",
  operator: "!>>|!<<|&>>|&<<|!=|!~|!>|!<|&>|&<|&~|&&|\\|\\||>>|<<|>=|<=|=~|[-+*/%^=<>~|!]",
});

/** The tokens of a text in order; blanks are left out. */
export function lex(language: Language, text: string): Token[] {
  const found: Token[] = [];
  let brackets = 0;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at++;
      continue;
    }
    const rule = language === "logql" ? LOGQL : language === "traceql" ? TRACEQL : brackets ? PROMQL_BRACKETS : PROMQL;
    rule.lastIndex = at;
    const match = rule.exec(text);
    if (!match) break;
    const [group = "other"] = Object.entries(match.groups ?? {}).find(([, piece]) => piece !== undefined) ?? [];
    const piece = match[0];
    const kind = (group === "mark" ? piece : group) as Kind;
    if (kind === "[") brackets++;
    if (kind === "]") brackets = Math.max(0, brackets - 1);
    found.push({ kind, text: piece, from: at, to: at + piece.length, isOpen: isOpen(kind, piece, language) });
    at += piece.length;
  }
  return found;
}

function isOpen(kind: Kind, piece: string, language: Language): boolean {
  if (kind === "comment") return !piece.startsWith("/*") || !piece.endsWith("*/") || (piece.length < 4 && language === "traceql");
  if (kind !== "string") return false;
  const end = piece.at(-1);
  if (piece.length < 2 || end !== piece[0]) return true;
  // The last quote may be one that a backslash hides.
  const slashes = /\\*$/.exec(piece.slice(0, -1))?.[0].length ?? 0;
  return end !== "`" && slashes % 2 === 1;
}

const CLOSES: Partial<Record<Kind, Kind>> = { ")": "(", "}": "{", "]": "[" };

/** Index of each bracket's partner; brackets without one are absent. */
export function partners(tokens: readonly Token[]): Map<number, number> {
  const found = new Map<number, number>();
  const stack: number[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === "(" || token.kind === "{" || token.kind === "[") stack.push(index);
    const opener = CLOSES[token.kind];
    if (!opener) return;
    const open = stack.at(-1);
    if (open === undefined || tokens[open]?.kind !== opener) return;
    stack.pop();
    found.set(open, index);
    found.set(index, open);
  });
  return found;
}
