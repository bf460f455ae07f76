// A field for queries: a plain text area at once, CodeMirror in its place as soon as it is loaded.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { described, errorIn, type QueryError } from "../data/query_error";
import type { QueryView } from "./codemirror";
import { recent, remember, Walk } from "./history";
import type { CompletionSource } from "./source";

export type { QueryError } from "../data/query_error";

export interface EditorProps {
  language: "promql" | "logql" | "traceql";
  value: string;
  onChange(value: string): void;
  onRun(value: string): void;
  /** What a screen reader calls the field. */
  label: string;
  placeholder?: string;
  /** What the server says about the query that was run last. */
  error?: QueryError | null;
  autofocus?: boolean;
  /** Tells texts that are not in the language at all, such as plain words: nothing is hinted at. */
  isPlain?: (text: string) => boolean;
  /** Lines that are always there. */
  rows?: number;
  source?: CompletionSource;
  id?: string;
}

const KEYS = "Enter runs a query of one line, Ctrl-Enter any; Shift-Enter adds a line. Ctrl-Space suggests, Alt-Up brings earlier queries, Escape leaves the field.";

export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const view = useRef<QueryView | null>(null);
  const latest = useRef(props);
  const [isLoaded, setLoaded] = useState(false);
  const [hint, setHint] = useState<QueryError | null>(null);
  const errorId = useId();
  latest.current = props;

  useEffect(() => {
    let isGone = false;
    void import("./codemirror").then(
      ({ QueryView }) => {
        if (isGone || !host.current) return;
        view.current = new QueryView(host.current, { props: () => latest.current, title: KEYS, errorId, run, onHint: setHint });
        view.current.takeOver(plain.current);
        setLoaded(true);
      },
      () => undefined, // offline, or an old page after an update: the text area stays
    );
    return () => {
      isGone = true;
      view.current?.destroy();
      view.current = null;
      setHint(null);
    };
  }, [props.language]);
  useEffect(() => view.current?.update(latest.current));

  const run = (value: string): void => {
    remember(latest.current.language, value);
    latest.current.onRun(value);
  };
  const shown = useShown(props, hint);
  return (
    <div class="editor" data-language={props.language} data-ready={isLoaded || undefined}>
      <div class="editor-host" ref={host} data-invalid={shown?.kind === "error" || undefined} />
      {isLoaded ? null : <Plain {...props} field={plain} errorId={errorId} run={run} isInvalid={shown?.kind === "error"} />}
      <Message id={errorId} shown={shown} />
    </div>
  );
}

interface Shown {
  kind: "error" | "old" | "hint";
  text: string;
}

/** What stands below the field: the server's error, else what the grammar says about a changed text. */
function useShown({ error, value }: EditorProps, hint: QueryError | null): Shown | null {
  // An error without its query is about what the field held when the error came.
  const reported = useRef({ message: "", text: "" });
  if (reported.current.message !== (error?.message ?? "")) reported.current = { message: error?.message ?? "", text: value };
  const whole = error ? { ...error, text: error.text ?? reported.current.text } : null;
  const here = whole && errorIn(value, whole);
  if (here) return { kind: "error", text: described(value, here) };
  if (hint) return { kind: "hint", text: described(value, hint) };
  return whole ? { kind: "old", text: described(whole.text, whole) } : null;
}

/** A hint is no alert: it comes while one is writing. */
function Message({ id, shown }: { id: string; shown: Shown | null }) {
  return (
    <>
      <p class="editor-message" id={id} role="alert" hidden={!shown || shown.kind === "hint"} data-kind={shown?.kind === "hint" ? undefined : shown?.kind}>
        {shown && shown.kind !== "hint" ? shown.text : null}
      </p>
      {shown?.kind === "hint" ? (
        <p class="editor-message" data-kind="hint">
          {shown.text}
        </p>
      ) : null}
    </>
  );
}

interface PlainProps extends EditorProps {
  field: { current: HTMLTextAreaElement | null };
  errorId: string;
  run: (value: string) => void;
  isInvalid: boolean;
}

/** The same field without colours and suggestions. */
function Plain({ field, errorId, run, isInvalid, ...props }: PlainProps) {
  const walk = useRef<Walk | null>(null);
  useEffect(() => {
    if (props.autofocus) field.current?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const value = (event.currentTarget as HTMLTextAreaElement).value;
    const isRun = event.key === "Enter" && !event.shiftKey && (event.ctrlKey || event.metaKey || !value.includes("\n"));
    if (isRun) {
      event.preventDefault();
      run(value);
    } else if (event.key === "Escape") {
      field.current?.blur();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      walk.current ??= new Walk(() => recent(props.language));
      const found = event.key === "ArrowUp" ? walk.current.older(value) : walk.current.newer(value);
      if (found !== null) props.onChange(found);
    }
  };
  return (
    <textarea
      ref={field}
      class="editor-plain"
      id={props.id}
      rows={Math.min(12, Math.max(props.rows ?? 1, props.value.split("\n").length))}
      aria-label={props.label}
      aria-describedby={errorId}
      aria-invalid={isInvalid || undefined}
      title={KEYS}
      placeholder={props.placeholder}
      spellcheck={false}
      autocapitalize="off"
      autocomplete="off"
      value={props.value}
      onInput={(event) => props.onChange(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}
