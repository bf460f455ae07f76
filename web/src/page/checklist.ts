// The server-rendered first-run checklist: ticks as signals come in.
import { overview, type Tile } from "../data/overview";
import { count } from "../data/format";

/** Follows the shared poll. A finished list stays until the next visit. */
export function mountChecklist(): void {
  const list = document.querySelector<HTMLElement>("[data-checklist]");
  if (!list) return;
  const update = (): void => {
    const { tiles } = overview.state.snapshot;
    for (const tile of tiles) tick(list, tile);
    if (tiles.length && tiles.every((tile) => tile.has_data)) finish(list);
  };
  update();
  overview.subscribe(update);
}

function tick(list: HTMLElement, tile: Tile): void {
  const step = list.querySelector<HTMLElement>(`[data-step="${tile.name}"]`);
  const status = step?.querySelector<HTMLElement>("[data-step-status]");
  if (!step || !status) return;
  const isDone = tile.has_data;
  step.dataset.state = isDone ? "done" : "waiting";
  const received = `received ${count(tile.received_total)} ${tile.received_total === 1 ? tile.unit.replace(/s$/, "") : tile.unit}`;
  set(status, tile.received_total ? received : isDone ? "received earlier" : "waiting");
}

function finish(list: HTMLElement): void {
  set(list.querySelector("[data-checklist-title]"), "All three signals arrive");
  set(list.querySelector("[data-checklist-note]"), "This list is gone at the next visit.");
  list.dataset.state = "done";
}

function set(element: HTMLElement | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
