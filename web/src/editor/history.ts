// The last queries of each language, kept in this browser; Alt-Up and Alt-Down walk through them.
import type { Language } from "./lex";

const MOST = 50;
/** Longer queries would fill the browser's storage. */
const LONGEST = 10_000;

/** The queries that were run, newest first. */
export function recent(language: Language, storage: Storage = localStorage): string[] {
  try {
    const found = JSON.parse(storage.getItem(key(language)) ?? "[]") as unknown;
    return Array.isArray(found) ? found.filter((query): query is string => typeof query === "string") : [];
  } catch {
    return [];
  }
}

/** Puts a query first. */
export function remember(language: Language, query: string, storage: Storage = localStorage): void {
  const text = query.trim();
  if (!text || text.length > LONGEST) return;
  const queries = [text, ...recent(language, storage).filter((known) => known !== text)].slice(0, MOST);
  try {
    storage.setItem(key(language), JSON.stringify(queries));
  } catch {
    // a full storage keeps what it has
  }
}

/** A walk through earlier queries that comes back to what was being written. */
export class Walk {
  private queries: string[] = [];
  private at = -1;
  private draft = "";

  constructor(private readonly load: () => string[]) {}

  /** The query before the current one; null when there is none. */
  older(current: string): string | null {
    if (this.at < 0 || current !== this.queries[this.at]) this.start(current);
    const next = this.queries.findIndex((query, index) => index > this.at && query !== current.trim());
    if (next < 0) return null;
    this.at = next;
    return this.queries[next] ?? null;
  }

  /** The query after the current one, at last what was being written; null when there is none. */
  newer(current: string): string | null {
    if (this.at < 0 || current !== this.queries[this.at]) return null;
    this.at -= 1;
    return this.at < 0 ? this.draft : (this.queries[this.at] ?? null);
  }

  private start(current: string): void {
    this.queries = this.load();
    this.at = -1;
    this.draft = current;
  }
}

function key(language: Language): string {
  return `history:${language}`;
}
