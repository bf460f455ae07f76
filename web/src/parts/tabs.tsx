// Tabs whose choice is in the address (WAI-ARIA tabs; arrows move).
export interface Tab {
  id: string;
  label: string;
  /** A number beside the label. */
  count?: number | string;
}

export function Tabs({ label, tabs, value, onChoose }: { label: string; tabs: readonly Tab[]; value: string; onChoose: (id: string) => void }) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.id === value);
    const next = tabs[(at + move + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next.id);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button key={tab.id} type="button" role="tab" data-tab={tab.id} aria-selected={tab.id === value} tabindex={tab.id === value ? 0 : -1} onClick={() => onChoose(tab.id)}>
          {tab.label}
          {tab.count === undefined ? null : <span class="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** A few choices side by side, one of them pressed. */
export function Choice({ label, options, value, onChoose }: { label: string; options: readonly (readonly [string, string])[]; value: string; onChoose: (value: string) => void }) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map(([key, text]) => (
        <button type="button" key={key} aria-pressed={key === value} onClick={() => onChoose(key)}>
          {text}
        </button>
      ))}
    </div>
  );
}
