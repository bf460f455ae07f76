// What people type into the logs page's query field, as LogQL. `appliance/ui/logs/words.py` says the
// same on the server; log_words.cases.json holds for both.

/** A function or an aggregation, or a query in parentheses. */
const METRIC = /^[a-z_]*\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\([^]*\{/;
const STAGE = /^(?:\||!=|!~|!>)/;
const WORD = /(-?)(?:"((?:[^"\\]|\\[^])*)"?|(\S+))/g;

/** Whether an input is plain words, not LogQL. */
export function isWords(text: string): boolean {
  const trimmed = text.trim();
  return trimmed !== "" && !/^[{#]/.test(trimmed) && !STAGE.test(trimmed) && !METRIC.test(trimmed);
}

/** An input as LogQL: words filter lines, `| json` is put behind the selector of all streams. */
export function toLogql(text: string, selector: string): string {
  const trimmed = text.trim();
  if (!trimmed) return selector;
  if (STAGE.test(trimmed)) return `${selector} ${trimmed}`;
  if (!isWords(trimmed)) return trimmed;
  let query = selector;
  for (const [, minus, phrase = "", word = ""] of trimmed.matchAll(WORD)) {
    const wanted = phrase.replace(/\\([^])/g, "$1") || word;
    if (wanted) query += ` ${minus ? "!=" : "|="} ${literal(wanted)}`;
  }
  return query;
}

/** A string in LogQL, in backquotes where that saves escapes. */
export function literal(text: string): string {
  const isPlain = !/[`\n\r]/.test(text);
  return isPlain && /["\\]/.test(text) ? `\`${text}\`` : JSON.stringify(text).replace(/\\b/g, "\\u0008").replace(/\\f/g, "\\u000c");
}
