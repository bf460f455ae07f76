// What people must know beside the data: errors, partial results, nothing found.
import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

export function Notice({ kind, children }: { kind: "error" | "warning" | "info"; children: ComponentChildren }) {
  return (
    <div class="note" data-kind={kind} role={kind === "error" ? "alert" : "note"}>
      <Icon name={kind === "info" ? "info" : "warning"} />
      <div>{children}</div>
    </div>
  );
}

/** Nothing to show, and what to do about it. `command` is something to paste. */
export function Empty({ title, command, commandTitle = "shell", children }: { title: string; command?: string; commandTitle?: string; children?: ComponentChildren }) {
  return (
    <div class="nothing">
      <p class="nothing-title">{title}</p>
      {children ? <div class="nothing-text">{children}</div> : null}
      {command ? <Command title={commandTitle} text={command} /> : null}
    </div>
  );
}

/** Text to paste, with a button that copies it. */
export function Command({ title, text }: { title: string; text: string }) {
  return (
    <div class="code">
      <div class="code-head">
        <span>{title}</span>
        <CopyButton text={text} what={title} />
      </div>
      <pre tabindex={0} aria-label={title}>
        <code>{text}</code>
      </pre>
    </div>
  );
}

function CopyButton({ text, what }: { text: string; what: string }) {
  const copy = async (): Promise<void> => {
    const { copyText } = await import("./clipboard");
    await copyText(text, what);
  };
  return (
    <button type="button" class="copy" aria-label={`Copy: ${what}`} onClick={() => void copy()}>
      Copy
    </button>
  );
}
