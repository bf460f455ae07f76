// A modal dialog with its title and a button that closes it; it opens as it is drawn.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

type Drops = Pick<JSX.IntrinsicElements["dialog"], "onDragOver" | "onDrop">;

export function Dialog({ title, onClose, children, ...drops }: { title: string; onClose: () => void; children: ComponentChildren } & Drops) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={dialog} aria-label={title} onClose={onClose} {...drops}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="tool quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {children}
    </dialog>
  );
}
