// A variable's field: a list with a search, several values where it takes them, or a text.
import { useEffect, useRef, useState } from "preact/hooks";
import { ALL } from "../../dashboard/interpolate";
import type { Resolved } from "../../dashboard/variables";
import type { Choice } from "../../dashboard/types";
import { Icon } from "../../parts/icon";
import { choose } from "./bar";

/** Choices drawn at once; a search finds the others. */
const MOST = 200;

export function VariableField({ resolved }: { resolved: Resolved }) {
  const { variable, error } = resolved;
  const label = variable.label || variable.name;
  return (
    <div class="dash-variable" title={error || variable.description || undefined} data-error={error ? "" : undefined}>
      {variable.hide === "label" ? null : <span class="dash-variable-name">{label}</span>}
      {variable.kind === "textbox" ? <TextField resolved={resolved} label={label} /> : <Picker resolved={resolved} label={label} />}
    </div>
  );
}

function TextField({ resolved: { variable, chosen }, label }: { resolved: Resolved; label: string }) {
  return <input class="input" aria-label={label} value={chosen[0] ?? ""} placeholder="Any" onChange={(event) => choose(variable.name, [event.currentTarget.value])} />;
}

function Picker({ resolved, label }: { resolved: Resolved; label: string }) {
  const { variable, options, chosen, error } = resolved;
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const away = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const all = withAll(resolved);
  const texts = chosen.map((value) => all.find((one) => one.value === value)?.text ?? value);
  const text = error && !texts.length ? "cannot be asked" : texts.length ? texts.slice(0, 2).join(", ") + (texts.length > 2 ? ` and ${texts.length - 2} more` : "") : options.length ? "None" : "no values";
  return (
    <div class="menu" ref={root} onKeyDown={(event) => event.key === "Escape" && isOpen && (event.stopPropagation(), close())}>
      <button type="button" class="tool" aria-haspopup="dialog" aria-expanded={isOpen} aria-label={`${label}: ${text}`} onClick={() => setOpen(!isOpen)}>
        <span class="dash-variable-text">{text}</span>
        <Icon name="down" />
      </button>
      {isOpen ? <Drop resolved={resolved} all={all} label={label} isMulti={variable.multi} onDone={close} /> : null}
    </div>
  );
}

function withAll({ variable, options }: Resolved): Choice[] {
  return variable.includeAll && !options.some(({ value }) => value === ALL) ? [{ text: "All", value: ALL }, ...options] : options;
}

function Drop({ resolved: { variable, chosen }, all, label, isMulti, onDone }: { resolved: Resolved; all: readonly Choice[]; label: string; isMulti: boolean; onDone: () => void }) {
  const [search, setSearch] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const pick = (value: string): void => {
    if (!isMulti || value === ALL) {
      choose(variable.name, [value]);
      if (!isMulti) onDone();
      return;
    }
    const rest = chosen.filter((one) => one !== ALL);
    const next = rest.includes(value) ? rest.filter((one) => one !== value) : [...rest, value];
    choose(variable.name, next.length ? next : variable.includeAll ? [ALL] : [value]);
  };
  const isOwn = variable.allowCustom && search.trim() !== "" && !all.some(({ value }) => value === search.trim());
  const enter = (event: Event): void => {
    event.preventDefault();
    const [first] = found;
    if (first) pick(first.value);
    else if (isOwn) pick(search.trim());
    if (!isMulti) onDone();
  };
  return (
    <div class="menu-drop dash-choices" data-align="start" role="dialog" aria-label={label}>
      <form onSubmit={enter}>
        <input ref={input} class="input" type="search" placeholder="Search" aria-label={`Search ${label}`} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </form>
      <ul aria-label={label}>
        {found.slice(0, MOST).map(({ text, value }) => (
          <li key={value}>
            <button type="button" aria-pressed={chosen.includes(value)} onClick={() => pick(value)}>
              <span class="dash-check" aria-hidden="true">
                {chosen.includes(value) ? "✓" : ""}
              </span>
              {text || "(empty)"}
            </button>
          </li>
        ))}
        {isOwn ? (
          <li>
            <button type="button" onClick={() => pick(search.trim())}>
              <span class="dash-check" aria-hidden="true" />
              {`Use “${search.trim()}”`}
            </button>
          </li>
        ) : null}
      </ul>
      {found.length > MOST ? <p class="legend-note">{`${found.length - MOST} more; search to find them`}</p> : null}
      {!found.length && !isOwn ? <p class="legend-note">Nothing has this name.</p> : null}
    </div>
  );
}
