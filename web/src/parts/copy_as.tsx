// "Copy as": the same question for a terminal, another program, or a document.
import { copyText } from "./clipboard";
import { Icon } from "./icon";
import { Menu } from "./menu";

export interface CopyForm {
  /** `curl`, `promtool`, `Markdown`, … */
  name: string;
  /** Made only when asked for. */
  text: () => string;
}

export function CopyAs({ forms, label = "Copy as" }: { forms: readonly CopyForm[]; label?: string }) {
  return (
    <Menu label={label} isQuiet items={forms.map(({ name, text }) => ({ label: name, onChoose: () => void copyText(text(), name) }))}>
      <Icon name="copy" />
      <span class="tool-text">{label}</span>
    </Menu>
  );
}

/** A word for a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
