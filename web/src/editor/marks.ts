// What is drawn over the text: colours of tokens, the place of an error, the bracket's partner.
import { EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import type { QueryError } from "../data/query_error";
import { classify, LONGEST } from "./classify";
import { type Language, lex, partners } from "./lex";

/** Shows a place as wrong, or none. */
export const setError = StateEffect.define<{ error: QueryError; isHint: boolean } | null>();

const WRONG = { error: Decoration.mark({ class: "code-wrong" }), hint: Decoration.mark({ class: "code-doubtful" }) };
const PARTNER = Decoration.mark({ class: "code-partner" });
const ALONE = Decoration.mark({ class: "code-alone" });

const wrongPlace = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = transaction.docChanged ? Decoration.none : marks;
    for (const effect of transaction.effects) if (effect.is(setError)) next = drawn(transaction.state, effect.value);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function drawn(state: EditorState, wrong: { error: QueryError; isHint: boolean } | null): DecorationSet {
  if (wrong?.error.offset === undefined) return Decoration.none;
  const text = state.doc.toString();
  let from = Math.min(wrong.error.offset, text.length);
  let to = Math.min(text.length, from + Math.max(1, wrong.error.length ?? 1));
  // What is missing at the end shows under the last character there is.
  if (from >= text.trimEnd().length) {
    to = text.trimEnd().length;
    from = to - 1;
  }
  if (from < 0 || to <= from) return Decoration.none;
  return Decoration.set(WRONG[wrong.isHint ? "hint" : "error"].range(from, to));
}

/** Colours for a language. The texts are short: they are read anew at each change. */
export function colours(language: Language): Extension {
  const draw = (state: EditorState): DecorationSet =>
    Decoration.set(classify(language, state.doc.toString()).map(({ from, to, role }) => roleMark(role).range(from, to)));
  return StateField.define<DecorationSet>({
    create: draw,
    update: (marks, transaction) => (transaction.docChanged ? draw(transaction.state) : marks),
    provide: (field) => EditorView.decorations.from(field),
  });
}

const roleMarks = new Map<string, Decoration>();

function roleMark(role: string): Decoration {
  const known = roleMarks.get(role) ?? Decoration.mark({ class: `code-${role}` });
  roleMarks.set(role, known);
  return known;
}

/** Marks the bracket beside the cursor and its partner. */
export function brackets(language: Language): Extension {
  const draw = (state: EditorState): DecorationSet => {
    const { head, empty } = state.selection.main;
    if (!empty || state.doc.length > LONGEST) return Decoration.none;
    const tokens = lex(language, state.doc.toString());
    const index = tokens.findIndex(({ kind, from, to }) => /^[(){}[\]]$/.test(kind) && (from === head || to === head));
    const token = tokens[index];
    if (!token) return Decoration.none;
    const partner = tokens[partners(tokens).get(index) ?? -1];
    const found = partner ? [token, partner] : [token];
    return Decoration.set(found.map(({ from, to }) => (partner ? PARTNER : ALONE).range(from, to)), true);
  };
  return StateField.define<DecorationSet>({
    create: draw,
    update: (marks, transaction) => (transaction.docChanged || transaction.selection ? draw(transaction.state) : marks),
    provide: (field) => EditorView.decorations.from(field),
  });
}

export const errorPlace: Extension = wrongPlace;
