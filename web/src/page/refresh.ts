// Server-rendered parts that stay up to date: each [data-live] is replaced by what the server draws now.
// What is being read never moves: nothing is replaced while text is selected or the focus is inside.

const EVERY_MS = 10_000;

/** Follows the server on pages that have such parts. */
export function mountRefresh(): void {
  if (!document.querySelector("[data-live]")) return;
  const note = document.querySelector<HTMLElement>("[data-refresh]");
  if (note) note.hidden = false;
  setInterval(() => {
    if (!document.hidden) void refresh(note);
  }, EVERY_MS);
}

async function refresh(note: HTMLElement | null): Promise<void> {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-live]")];
  if (parts.some(isBeingRead)) {
    say(note, "paused", "Paused");
    return;
  }
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll<HTMLElement>("[data-live]");
    if (fresh.length === parts.length && !parts.some(isBeingRead)) parts.forEach((part, index) => replace(part, fresh[index] as HTMLElement));
    say(note, "live", "Live");
  } catch {
    say(note, "lost", "The server cannot be reached");
  }
}

function isBeingRead(part: HTMLElement): boolean {
  const selection = getSelection();
  const isSelected = selection !== null && !selection.isCollapsed && selection.anchorNode !== null && part.contains(selection.anchorNode);
  return isSelected || (document.activeElement !== null && part.contains(document.activeElement));
}

/** The new content, with the same details open: their data-key tells them apart. */
function replace(part: HTMLElement, fresh: HTMLElement): void {
  const open = new Set([...part.querySelectorAll<HTMLElement>("details[open][data-key]")].map((details) => details.dataset.key));
  for (const details of fresh.querySelectorAll<HTMLDetailsElement>("details[data-key]")) if (open.has(details.dataset.key)) details.open = true;
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
}

function say(note: HTMLElement | null, state: string, text: string): void {
  if (!note) return;
  note.dataset.state = state;
  const words = note.querySelector(".live-text");
  if (words && words.textContent !== text) words.textContent = text;
}
