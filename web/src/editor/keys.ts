// Keys of the query field.
import { acceptCompletion, closeCompletion, completionKeymap, completionStatus, selectedCompletion } from "@codemirror/autocomplete";
import { historyKeymap, insertNewlineAndIndent, standardKeymap } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, type KeyBinding, keymap } from "@codemirror/view";
import type { Walk } from "./history";

export interface KeyActions {
  run: (value: string) => void;
  walk: Walk;
}

/** All keys: ours first, then those of completion, undo and text fields. */
export function keys(actions: KeyActions): Extension {
  // A second Tab leaves the field even if the first one's suggestion brought further ones.
  let wasTab = false;
  const run = (view: EditorView): boolean => {
    closeCompletion(view);
    actions.run(view.state.doc.toString());
    return true;
  };
  const ours: KeyBinding[] = [
    { key: "Enter", run: (view) => (mayRun(view) ? run(view) : false) },
    { key: "Ctrl-Enter", run },
    { key: "Meta-Enter", run },
    { key: "Shift-Enter", run: insertNewlineAndIndent },
    { key: "Escape", run: (view) => closeCompletion(view) || leave(view) },
    {
      key: "Tab",
      run: (view) => {
        const isAccepted = !wasTab && acceptCompletion(view);
        if (isAccepted) queueMicrotask(() => (wasTab = true));
        else closeCompletion(view);
        return isAccepted;
      },
    },
    { key: "Alt-ArrowUp", run: (view) => replace(view, actions.walk.older(view.state.doc.toString())) },
    { key: "Alt-ArrowDown", run: (view) => replace(view, actions.walk.newer(view.state.doc.toString())) },
  ];
  const forgetTab = EditorView.updateListener.of((update) => {
    if (update.docChanged || update.focusChanged) wasTab = false;
  });
  return [Prec.highest(keymap.of(ours)), Prec.high(keymap.of(completionKeymap)), keymap.of([...historyKeymap, ...standardKeymap]), forgetTab];
}

/** Enter runs one line, unless it would take a suggestion that changes something. */
function mayRun(view: EditorView): boolean {
  const { state } = view;
  if (completionStatus(state) === "active") {
    const selected = selectedCompletion(state);
    const { head } = state.selection.main;
    const isTyped = !!selected && state.sliceDoc(head - selected.label.length, head) === selected.label && !/[\w:.]/.test(state.sliceDoc(head - selected.label.length - 1, head - selected.label.length));
    if (selected && !isTyped) return false;
  }
  return state.doc.lines === 1;
}

function leave(view: EditorView): boolean {
  view.contentDOM.blur();
  return true;
}

function replace(view: EditorView, text: string | null): boolean {
  if (text !== null) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length }, scrollIntoView: true });
  return true;
}
