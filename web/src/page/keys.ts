// Keyboard shortcuts of every page, and the list of them (`?`).
import { refresh, setLive, shift, time } from "../state/time";

/** `g` and then a letter. */
const PLACES: Record<string, [string, string]> = {
  h: ["/", "Home"],
  m: ["/metrics", "Metrics"],
  l: ["/logs", "Logs"],
  t: ["/traces", "Traces"],
  v: ["/services", "Services"],
  a: ["/alerts", "Alerts"],
  s: ["/silences", "Silences"],
  o: ["/oncall", "On-call"],
  d: ["/dashboards", "Dashboards"],
  r: ["/runbooks", "Runbooks"],
  c: ["/connect", "Connect"],
};

const KEYS: readonly [string, string][] = [
  ["/", "Search, or the query"],
  ["t", "Time window"],
  ["r", "Refresh"],
  ["l", "Live on or off"],
  ["← →", "Half a window back or forward"],
  ["j k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["[ ]", "Collapse or expand all"],
  ["Esc", "Close, or leave the field"],
  ["?", "This list"],
];

/** A page's own keys: what they do is shown in the list. Returns what removes them. */
export function addKeys(keys: Record<string, { text: string; run: (event: KeyboardEvent) => void }>): () => void {
  own.push(keys);
  return () => void own.splice(own.indexOf(keys), 1);
}

const own: Record<string, { text: string; run: (event: KeyboardEvent) => void }>[] = [];
let isGoing = 0;

/** Whether a key belongs to what has the focus. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function mountKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.key === "Escape" && isTyping(event)) (event.target as HTMLElement).blur();
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    if (event.timeStamp < isGoing) {
      isGoing = 0;
      const place = PLACES[event.key];
      if (place) location.assign(place[0]);
      return;
    }
    const mine = own.map((keys) => keys[event.key]).find(Boolean);
    if (mine) {
      event.preventDefault();
      mine.run(event);
      return;
    }
    run(event);
  });
  const help = document.querySelector<HTMLElement>("[data-help]");
  if (!help) return;
  help.hidden = false;
  help.addEventListener("click", showHelp);
}

function run(event: KeyboardEvent): void {
  const hasTime = document.querySelector('[data-island="time"]') !== null;
  const inWidget = (event.target as HTMLElement).closest("[role=tablist], [role=menu], [role=slider], [role=treegrid], [role=listbox], [role=grid]") !== null;
  const actions: Record<string, () => void> = {
    g: () => void (isGoing = event.timeStamp + 1500),
    "?": showHelp,
    "/": () => focusSearch(event),
    r: () => (hasTime ? refresh() : location.reload()),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    ...(hasTime
      ? {
          t: () => void (event.preventDefault(), document.dispatchEvent(new Event("open-time"))),
          l: () => setLive(!time().isLive),
          ...(inWidget ? {} : { ArrowLeft: () => shift(-0.5), ArrowRight: () => shift(0.5) }),
        }
      : {}),
  };
  actions[event.key]?.();
}

/** The page's query or search field: what has data-search, else the first search field. */
function focusSearch(event: KeyboardEvent): void {
  const own = document.querySelector<HTMLElement>("[data-search] .cm-content, [data-search] textarea, [data-search] input, input[data-search], textarea[data-search]");
  const field = own ?? document.querySelector<HTMLElement>("input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
}

/** Rows are what has data-row: a link, or something with one in it. */
function moveRow(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  (next?.matches("a, button, [tabindex]") ? next : next?.querySelector<HTMLElement>("a, button, [tabindex]"))?.focus();
}

function showHelp(): void {
  let dialog = document.querySelector<HTMLDialogElement>("#keys");
  dialog?.remove();
  dialog = document.createElement("dialog");
  dialog.id = "keys";
  dialog.className = "dialog";
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  const mine = own.flatMap((keys) => Object.entries(keys).map(([key, { text }]): [string, string] => [key, text]));
  const hidden = new Set(mine.map(([key]) => key));
  const lists: [string, [string, string][]][] = [
    ["Here", [...mine, ...KEYS.filter(([key]) => !hidden.has(key))]],
    ["Go to", Object.entries(PLACES).map(([key, [, name]]): [string, string] => [`g ${key}`, name])],
  ];
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.textContent = "Keyboard shortcuts";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "tool quiet";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  const body = document.createElement("div");
  body.className = "keys";
  for (const [name, rows] of lists) body.append(list(name, rows));
  dialog.append(head, body);
  document.body.append(dialog);
  dialog.showModal();
}

function list(name: string, rows: readonly [string, string][]): HTMLElement {
  const section = document.createElement("section");
  const title = document.createElement("h3");
  title.textContent = name;
  const dl = document.createElement("dl");
  for (const [key, text] of rows) {
    const row = document.createElement("div");
    const dt = document.createElement("dt");
    for (const part of key.split(" ")) {
      const kbd = document.createElement("kbd");
      kbd.textContent = part;
      dt.append(kbd);
    }
    const dd = document.createElement("dd");
    dd.textContent = text;
    row.append(dt, dd);
    dl.append(row);
  }
  section.append(title, dl);
  return section;
}
