// Where in a query the server found a mistake: places out of Prometheus', Loki's and Tempo's words.

export interface QueryError {
  /** What is wrong, without the place. */
  message: string;
  /** Offset in the text, in UTF-16 units from 0; the text's length when something is missing at its end. */
  offset?: number;
  /** Units that are wrong from there on. */
  length?: number;
  /** The query it is about; none means: what the field held when the error came. */
  text?: string;
}

/** `1:5: parse error: …`; columns are bytes of UTF-8. */
const PROMETHEUS = /(?:^|: )(\d+):(\d+): parse error: ([^]*)$/;
/** `parse error at line 1, col 5: …`; columns are characters, line 0 means that Loki does not know. */
const LOKI = /parse error at line (\d+), col (\d+): ([^]*)$/;
const NOT_THE_POINT = /^(?:invalid parameter "[^"]*": |invalid TraceQL query: |unknown position: |parse error ?: |syntax error: )+/;
/** What a squiggle goes under, from its first character on. */
const PIECE = /^(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`[^`]*`?|[\p{L}\p{N}_:.$]+|[|!=~<>&]+|\S)/u;

/** The error that a server's message about a query describes. */
export function queryError(text: string, message: string): QueryError {
  return { ...located(text, message), text };
}

/** The error as it stands in a text, which may have blanks around the query; null when it is about another one. */
export function errorIn(text: string, error: QueryError): QueryError | null {
  const about = error.text ?? text;
  if (about.trim() !== text.trim()) return null;
  if (error.offset === undefined) return error;
  const blanks = (query: string): number => query.length - query.trimStart().length;
  return { ...error, offset: Math.max(0, error.offset + blanks(text) - blanks(about)) };
}

function located(text: string, message: string): QueryError {
  const trimmed = message.trim();
  const prometheus = PROMETHEUS.exec(trimmed);
  if (prometheus) return at(text, place(text, Number(prometheus[1]), Number(prometheus[2]), utf8Length), prometheus[3] ?? "");
  const loki = LOKI.exec(trimmed);
  if (loki) {
    const [, line, column, words = ""] = loki;
    const offset = line === "0" ? placeWithoutLine(text, Number(column), words) : place(text, Number(line), Number(column), () => 1);
    return at(text, offset, words);
  }
  const words = plain(trimmed);
  const quoted = quotedPart(text, words);
  return quoted ? { message: words, ...quoted } : { message: words };
}

/** Line and column of an offset, both from 1, the column in characters. */
export function lineColumn(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: [...(lines.at(-1) ?? "")].length + 1 };
}

/** The error in one line: where, then what. */
export function described(text: string, error: QueryError): string {
  if (error.offset === undefined) return upper(error.message);
  const { line, column } = lineColumn(text, error.offset);
  const where = text.includes("\n") ? `Line ${line}, column ${column}` : `Column ${column}`;
  return `${where}: ${error.message}`;
}

function at(text: string, place: number, words: string): QueryError {
  // Prometheus' lexer has read the character already that it complains about: `unexpected … ')'`.
  const read = /'(.)'$/.exec(words)?.[1];
  const isBehind = read !== undefined && !text.startsWith(read, place) && text.slice(0, place).endsWith(read);
  const offset = isBehind ? place - read.length : place;
  const piece = PIECE.exec(text.slice(offset))?.[0] ?? "";
  // Loki and Tempo name the kind of what they did not expect; the word itself helps more.
  const message = plain(words).replace(/unexpected (?:IDENTIFIER|NUMBER|INTEGER|FLOAT|DURATION|BYTES)(?=$|,|\n)/, (kind) => (piece ? `${kind} "${piece}"` : kind));
  return { message, offset, length: piece.length };
}

function plain(words: string): string {
  return words.replace(NOT_THE_POINT, "").replaceAll("$end", "end of query");
}

/** The offset of a line and column from 1; `size` says how far a character moves the column. */
function place(text: string, line: number, column: number, size: (character: string) => number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  let offset = start;
  let left = column - 1;
  for (const character of text.slice(start)) {
    if (left <= 0 || character === "\n") break;
    left -= size(character);
    offset += character.length;
  }
  return offset;
}

function utf8Length(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** The first line that has the unexpected token at that column, else the first that is long enough. */
function placeWithoutLine(text: string, column: number, words: string): number {
  const token = /unexpected (\S+)/.exec(words)?.[1]?.replace(/,$/, "") ?? "";
  const lines = text.split("\n").map((_, index) => place(text, index + 1, column, () => 1));
  const isThere = (offset: number): boolean => text.startsWith(token === "RANGE" ? "[" : token, offset);
  return lines.find((offset) => token !== "" && isThere(offset)) ?? lines[0] ?? 0;
}

/** A part of the query that the message repeats: `stage '…'`, or what follows its last colon. */
function quotedPart(text: string, words: string): { offset: number; length: number } | null {
  const parts = [/stage '([^]+?)' :/.exec(words)?.[1], /: ([^:]+)$/.exec(words)?.[1]];
  for (const part of parts) {
    if (!part || part.length < 3) continue;
    const offset = text.indexOf(part);
    if (offset >= 0 && text.indexOf(part, offset + 1) < 0) return { offset, length: part.length };
  }
  return null;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
