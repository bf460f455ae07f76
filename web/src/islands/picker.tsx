// Choosing a metric by typing parts of its name (WAI-ARIA combobox with a list).
import { useEffect, useRef, useState } from "preact/hooks";
import { search } from "../data/url";

const MOST = 100;

export function Picker({ names, value, onChoose }: { names: readonly string[]; value: string; onChoose: (name: string) => void }) {
  const [text, setText] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const isOpen = text !== null;
  const found = isOpen ? search(names, text) : [];
  const shown = found.slice(0, MOST);

  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", focus);
    return () => document.removeEventListener("keydown", focus);
  }, []);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [active, isOpen]);

  const open = (): void => {
    setText("");
    setActive(Math.max(0, search(names, "").indexOf(value)));
  };
  const choose = (name: string | undefined): void => {
    setText(null);
    if (name) onChoose(name);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      if (!isOpen) open();
      else setActive(Math.min(shown.length - 1, Math.max(0, active + move)));
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      choose(shown[active]);
    } else if (event.key === "Escape" && isOpen) {
      setText(null);
    }
  };

  return (
    <div class="picker">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Metric"
        aria-expanded={isOpen}
        aria-controls="picker-list"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && shown.length ? `picker-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={isOpen ? value || "Search metrics" : "Search metrics"}
        value={text ?? value}
        onFocus={open}
        onClick={() => isOpen || open()}
        onBlur={() => setText(null)}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">/</kbd>
      <div class="picker-drop" hidden={!isOpen}>
        <ul id="picker-list" role="listbox" aria-label="Metrics" ref={list}>
          {shown.map((name, i) => (
            <li
              key={name}
              id={`picker-${i}`}
              role="option"
              aria-selected={i === active}
              onPointerDown={(event) => {
                event.preventDefault();
                choose(name);
                input.current?.blur();
              }}
            >
              {name}
            </li>
          ))}
        </ul>
        {found.length > shown.length ? <p>{`${shown.length} of ${found.length}: type to narrow down`}</p> : null}
        {isOpen && !shown.length ? <p>No metric has this in its name.</p> : null}
      </div>
    </div>
  );
}
