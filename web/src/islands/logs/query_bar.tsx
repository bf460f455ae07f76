// The query field: plain words or LogQL, and what words become.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { QueryError } from "../../data/query_error";
import { isWords, toLogql } from "../../data/log_words";
import { Editor } from "../../editor/editor";
import { Highlighted } from "../../editor/highlight";
import { type CompletionSource, sourceFor } from "../../editor/source";
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
  const [draft, setDraft] = useState(text);
  // Filters, Back and shared links change the query from outside.
  useEffect(() => setDraft(text), [text]);
  const source = useMemo(() => forQueries(sourceFor("logql", () => time().window)), []);
  const hasWords = isWords(draft);
  const logql = toLogql(draft, selector);
  const shown = error ? inInput(error, query, text) : null;
  return (
    <section class="panel log-query" aria-label="Query">
      <div class="log-query-row" data-search>
        <Editor language="logql" label="Words or LogQL" value={draft} onChange={setDraft} onRun={onRun} placeholder={`error "card declined" -retry, or ${selector} |= "error"`} error={shown} source={source} isPlain={isWords} />
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

/** An error in the LogQL as one in the input, which is its end; in words it has no place. */
function inInput(error: QueryError, query: string, text: string): QueryError {
  const input = text.trim();
  const lead = query.length - input.length;
  if (isWords(text) || !query.endsWith(input) || error.offset === undefined || error.offset < lead) return { message: error.message, text };
  return { ...error, offset: error.offset - lead, text: input };
}

/** Plain words are not completed unless somebody asks: Enter is to run them. */
function forQueries(source: CompletionSource): CompletionSource {
  return { complete: async (text, cursor, isAsked, signal) => (isWords(text) && !isAsked ? null : source.complete(text, cursor, isAsked, signal)) };
}
