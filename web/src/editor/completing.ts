// Brings a CompletionSource into CodeMirror's list of suggestions.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, startCompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { matched } from "./complete/match";
import type { CompletionSource, Suggestion, Suggestions } from "./source";

/** Suggestions from whatever source the page gives at the moment. */
export function completing(source: () => CompletionSource | undefined): Extension {
  return autocompletion({
    override: [(context) => suggest(context, source())],
    icons: false,
    defaultKeymap: false,
    maxRenderedOptions: 100,
    tooltipClass: () => "editor-suggestions",
    addToOptions: [{ render: (option) => mark(option as Option), position: 90 }],
  });
}

interface Option extends Completion {
  kind: Suggestion["kind"];
}

async function suggest(context: CompletionContext, source: CompletionSource | undefined): Promise<CompletionResult | null> {
  if (!source) return null;
  const abort = new AbortController();
  context.addEventListener("abort", () => abort.abort(), { onDocChange: true });
  try {
    const found = await source.complete(context.state.doc.toString(), context.pos, context.explicit, abort.signal);
    return found?.options.length ? result(found, context) : null;
  } catch (error) {
    if (abort.signal.aborted) return null;
    throw error;
  }
}

function result({ from, to, options, more }: Suggestions, context: CompletionContext): CompletionResult {
  const word = context.state.sliceDoc(from, context.pos);
  const section = more ? { name: `${options.length} of ${(options.length + more).toLocaleString("en")}: type to narrow down` } : undefined;
  return {
    from,
    to,
    options: options.map((suggestion) => option(suggestion, section)),
    // The source orders and filters; every key asks again, mostly from memory.
    filter: false,
    getMatch: ({ label }) => matched(label, word),
  };
}

function option(suggestion: Suggestion, section: { name: string } | undefined): Option {
  const { label, kind, detail, info, insert } = suggestion;
  const made: Option = { label, kind };
  if (detail) made.detail = detail;
  if (info) made.info = info;
  if (section) made.section = section;
  if (insert || suggestion.again) made.apply = (view, _, from, to) => apply(view, suggestion, from, to);
  return made;
}

/** Writes a suggestion; what would follow it and stands there already is not written twice. */
function apply(view: EditorView, { label, insert, again, kind }: Suggestion, from: number, to: number): void {
  const [before, behind] = insert ?? [label, ""];
  const rest = view.state.sliceDoc(to, to + 1);
  const isCalled = before.endsWith("(") && rest === "(";
  const text = isCalled ? before.slice(0, -1) : before + (behind && rest === behind[0] ? "" : behind);
  const anchor = from + before.length;
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor }, userEvent: "input.complete", scrollIntoView: true });
  if (again || kind === "function") startCompletion(view);
}

const NAMES: Record<Suggestion["kind"], string> = {
  metric: "metric",
  label: "label",
  value: "value",
  function: "function",
  aggregation: "aggregation",
  keyword: "keyword",
  operator: "operator",
  duration: "duration",
  stage: "stage",
  field: "field",
  attribute: "attribute",
  intrinsic: "intrinsic",
};

function mark(option: Option): HTMLElement {
  const element = document.createElement("span");
  element.className = "editor-kind";
  element.dataset.kind = option.kind;
  element.textContent = NAMES[option.kind];
  // Whoever scrolls by key has to be able to reach the list.
  queueMicrotask(() => element.closest("ul")?.setAttribute("tabindex", "0"));
  return element;
}
