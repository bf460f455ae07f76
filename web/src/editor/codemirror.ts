// The query field's CodeMirror, a chunk of its own: `editor.tsx` loads it when the first field is drawn.
import { closeBrackets, closeBracketsKeymap, completionStatus } from "@codemirror/autocomplete";
import { history } from "@codemirror/commands";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { errorIn, type QueryError } from "../data/query_error";
import { adoptStyles } from "./adopt_styles";
import { completing } from "./completing";
import type { EditorProps } from "./editor";
import { recent, Walk } from "./history";
import { keys } from "./keys";
import { lint } from "./lint";
import { brackets, colours, errorPlace, setError } from "./marks";
import { Told } from "./told";
import { typingOver } from "./typing";

const REST_MS = 600;

export interface Hooks {
  /** The component's latest properties. */
  props: () => EditorProps;
  title: string;
  errorId: string;
  run: (value: string) => void;
  /** Tells what the grammar has to say about the text. */
  onHint: (hint: QueryError | null) => void;
}

adoptStyles();

export class QueryView {
  private readonly view: EditorView;
  private readonly attributes = new Compartment();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private given: { value: string; attributes: string };
  private hint: QueryError | null = null;
  private readonly told = new Told();
  /** What is drawn as wrong, as text; changes of the document take it away. */
  private drawn = "";

  constructor(
    host: HTMLElement,
    private readonly hooks: Hooks,
  ) {
    const props = hooks.props();
    this.given = { value: props.value, attributes: attributeKey(props) };
    this.view = new EditorView({ parent: host, state: EditorState.create({ doc: props.value, extensions: this.extensions(props) }) });
    host.style.setProperty("--rows", String(props.rows ?? 1));
    this.update(props);
    this.rest();
  }

  /** Takes text, selection and focus from the text area that stood here before. */
  takeOver(plain: HTMLTextAreaElement | null): void {
    const isFocused = plain !== null && document.activeElement === plain;
    if (plain && isFocused) {
      const length = this.view.state.doc.length;
      this.view.dispatch({ selection: { anchor: Math.min(length, plain.selectionStart), head: Math.min(length, plain.selectionEnd) } });
    }
    if (isFocused || (this.hooks.props().autofocus && plain === null)) this.view.focus();
  }

  /** Follows the component's properties; what did not change is left alone. */
  update(props: EditorProps): void {
    const { state } = this.view;
    const attributes = attributeKey(props);
    if (attributes !== this.given.attributes) this.view.dispatch({ effects: this.attributes.reconfigure(this.described(props)) });
    const text = state.doc.toString();
    if (this.told.isNews(props.value, text) && props.value !== this.given.value) {
      this.view.dispatch({ changes: { from: 0, to: state.doc.length, insert: props.value }, selection: { anchor: props.value.length } });
    }
    this.given = { value: props.value, attributes };
    this.draw();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.view.destroy();
  }

  private extensions(props: EditorProps): Extension {
    const { language } = props;
    const walk = new Walk(() => recent(language));
    return [
      keys({ run: (value) => this.hooks.run(value), walk }),
      keymap.of(closeBracketsKeymap),
      history(),
      closeBrackets(),
      EditorState.languageData.of(() => [{ closeBrackets: { brackets: ["(", "[", "{", '"', "'", "`"] } }]),
      completing(() => this.hooks.props().source),
      colours(language),
      brackets(language),
      errorPlace,
      typingOver,
      EditorView.lineWrapping,
      EditorState.tabSize.of(2),
      this.attributes.of(this.described(props)),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        const text = update.state.doc.toString();
        this.drawn = "";
        this.tell(null);
        this.rest();
        if (text === this.hooks.props().value) return;
        this.told.add(text);
        this.hooks.props().onChange(text);
      }),
    ];
  }

  private described(props: EditorProps): Extension {
    const attributes: Record<string, string> = {
      "aria-label": props.label,
      "aria-describedby": this.hooks.errorId,
      title: this.hooks.title,
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
    };
    if (props.id) attributes.id = props.id;
    if (props.error) attributes["aria-invalid"] = "true";
    return [EditorView.contentAttributes.of(attributes), props.placeholder ? placeholder(props.placeholder) : []];
  }

  /** Looks for mistakes once nothing was typed for a while. */
  private rest(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), REST_MS);
  }

  private async look(): Promise<void> {
    const { state } = this.view;
    if (completionStatus(state) === "active") {
      this.rest();
      return;
    }
    const { language, isPlain } = this.hooks.props();
    const text = state.doc.toString();
    const hint = isPlain?.(text) ? null : await lint(language, text);
    if (this.view.state.doc !== state.doc) return;
    this.tell(hint);
    this.draw();
  }

  private tell(hint: QueryError | null): void {
    if (hint === null && this.hint === null) return;
    this.hint = hint;
    this.hooks.onHint(hint);
  }

  /** Marks the server's error, or else what the grammar says. */
  private draw(): void {
    const { error } = this.hooks.props();
    const answered = error ? errorIn(this.view.state.doc.toString(), error) : null;
    const wrong = answered ?? this.hint;
    const key = wrong ? JSON.stringify([wrong.offset, wrong.length, !answered]) : "";
    if (key === this.drawn) return;
    this.view.dispatch({ effects: setError.of(wrong && { error: wrong, isHint: !answered }) });
    this.drawn = key;
  }
}

function attributeKey(props: EditorProps): string {
  return JSON.stringify([props.label, props.id, props.placeholder, !!props.error]);
}
