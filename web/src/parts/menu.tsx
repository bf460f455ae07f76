// A button that opens a list of actions (WAI-ARIA menu button).
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";

export interface MenuItem {
  label: string;
  /** A second, quiet line. */
  note?: string;
  onChoose?: () => void;
  href?: string;
  /** Shown as chosen. */
  isOn?: boolean;
  download?: string;
}

export function Menu({ label, items, children, align = "end", isQuiet = false }: { label: string; items: readonly MenuItem[]; children?: ComponentChildren; align?: "start" | "end"; isQuiet?: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    const away = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      close();
    }
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!move || !isOpen) return;
    event.preventDefault();
    const all = [...(root.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + move + all.length) % all.length]?.focus();
  };
  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <button type="button" class={isQuiet ? "tool quiet" : "tool"} aria-haspopup="menu" aria-expanded={isOpen} aria-label={children ? label : undefined} onClick={() => setOpen(!isOpen)}>
        {children ?? label}
        <Icon name="down" />
      </button>
      {isOpen ? (
        <div class="menu-drop" data-align={align} role="menu" aria-label={label}>
          {items.map((item) => (item.href ? <Link key={item.label} item={item} /> : <Action key={item.label} item={item} onDone={close} />))}
        </div>
      ) : null}
    </div>
  );
}

function Link({ item }: { item: MenuItem }) {
  return (
    <a role="menuitem" tabindex={-1} href={item.href ?? ""} {...(item.download ? { download: item.download } : {})}>
      <Text item={item} />
    </a>
  );
}

function Action({ item, onDone }: { item: MenuItem; onDone: () => void }) {
  const choose = (): void => {
    onDone();
    item.onChoose?.();
  };
  return (
    <button type="button" role={item.isOn === undefined ? "menuitem" : "menuitemradio"} aria-checked={item.isOn} tabindex={-1} onClick={choose}>
      <Text item={item} />
    </button>
  );
}

function Text({ item }: { item: MenuItem }) {
  return (
    <>
      <span>{item.label}</span>
      {item.note ? <small>{item.note}</small> : null}
    </>
  );
}
