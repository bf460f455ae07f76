// The query field: plain words or LogQL, and what words become.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { QueryError } from "../../data/query_error";
import { isWords, toLogql } from "../../data/log_words";
import { Editor } from "../../editor/editor";
import { Highlighted } from "../../editor/highlight";
import { sourceFor } from "../../editor/source";
import { time } from "../../state/time";

export interface QueryBarProps {
  /** As the address has it. */
  text: string;
  /** The same as LogQL. */
  query: string;
  selector: string;
  error: QueryError | null;
  onRun: (text: string) => void;
}

export function QueryBar({ text, query, selector, error, onRun }: QueryBarProps) {
  const [draft, setDraft] = useState(text || selector);
  // Filters, Back and shared links change the query from outside.
  useEffect(() => setDraft(text || selector), [text, selector]);
  const source = useMemo(() => sourceFor("logql", () => time().window), []);
  const hasWords = isWords(draft);
  const logql = toLogql(draft, selector);
  // Places in an error are those of the LogQL; in words there are none.
  const shown = error && draft === query ? error : error ? { message: error.message } : null;
  return (
    <section class="panel log-query" aria-label="Query">
      <div class="log-query-row" data-search>
        <Editor language="logql" label="Words or LogQL" value={draft} onChange={setDraft} onRun={onRun} placeholder={`error "card declined" -retry, or ${selector} |= "error"`} error={shown} source={source} />
        <button type="button" class="button" onClick={() => onRun(draft)}>
          Run
        </button>
      </div>
      {hasWords ? (
        <p class="log-becomes">
          <span class="quiet-text">As LogQL</span> <Highlighted language="logql" text={logql} />
        </p>
      ) : null}
    </section>
  );
}
