// Keeps a dashboard that somebody brings: JSON as Grafana exports it, from a file or pasted.
import { useState } from "preact/hooks";
import type { Entry } from "../../dashboard/types";
import { ApiError, ask } from "../../data/api";
import { reason } from "../../data/overview";
import { Dialog } from "../../parts/dialog";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";

export function ImportDashboard() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="tool primary" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        Import
      </button>
      {isOpen ? <ImportDialog onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function ImportDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<{ message: string; isTaken: boolean } | null>(null);
  const [isSending, setSending] = useState(false);
  const send = async (overwrite: boolean): Promise<void> => {
    setSending(true);
    setError(null);
    try {
      const entry = await ask<Entry>(`/api/ui/dashboards${overwrite ? "?overwrite=true" : ""}`, { method: "POST", body: text, headers: { "Content-Type": "application/json" } });
      location.assign(entry.url);
    } catch (caught) {
      setError({ message: reason(caught), isTaken: caught instanceof ApiError && caught.status === 409 });
      setSending(false);
    }
  };
  const read = async (file: File | undefined): Promise<void> => {
    if (file) setText(await file.text());
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    void read(event.dataTransfer?.files[0]);
  };
  return (
    <Dialog title="Import a dashboard" onClose={onClose} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <form
        class="dialog-body import-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send(false);
        }}
      >
        <p class="quiet-text">Grafana’s JSON, of any version, unchanged. Data sources bind to this server by themselves.</p>
        <label class="labelled">
          <span>File</span>
          <input class="input" type="file" accept=".json,application/json" onChange={(event) => void read(event.currentTarget.files?.[0])} />
        </label>
        <label class="labelled">
          <span>JSON</span>
          <textarea class="input mono" rows={10} value={text} spellcheck={false} placeholder='{"title": "…", "panels": […]}' onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {error ? <Notice kind="error">{error.message}</Notice> : null}
        <div class="toolbar">
          <button class="tool primary" disabled={isSending || !text.trim()}>
            Import
          </button>
          {error?.isTaken ? (
            <button type="button" class="tool" disabled={isSending} onClick={() => void send(true)}>
              Replace the one that is there
            </button>
          ) : null}
        </div>
      </form>
    </Dialog>
  );
}
