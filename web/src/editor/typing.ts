// Typing over a selection, done here: Chromium would keep the old text's colour by a style attribute,
// which our policy forbids and reports.
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

export const typingOver: Extension = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType } = event;
    if (inputType !== "insertText" || !data || view.composing || view.state.selection.main.empty) return false;
    event.preventDefault();
    const { from, to } = view.state.selection.main;
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert));
    if (!isHandled) view.dispatch(insert());
    return true;
  },
});
