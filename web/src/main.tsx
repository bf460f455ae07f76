// Brings a server-rendered page to life: every element with data-island gets its component.
import { type ComponentType, render } from "preact";
import { overview, type Snapshot } from "./data/overview";
import { Chart } from "./islands/chart";
import { Send } from "./islands/send";
import { Status } from "./islands/status";
import { Tail } from "./islands/tail";
import { Tiles } from "./islands/tiles";
import { Traces } from "./islands/traces";
import { mountChecklist } from "./page/checklist";
import { mountCopyButtons } from "./page/copy";
import { mountThemeToggle } from "./page/theme";

const ISLANDS: Record<string, ComponentType> = { chart: Chart, send: Send, status: Status, tail: Tail, tiles: Tiles, traces: Traces };

const islands = [...document.querySelectorAll<HTMLElement>("[data-island]")];

// The snapshot that the page was rendered from, so that the first paint changes nothing.
const given = islands.map((island) => JSON.parse(island.dataset.props ?? "{}") as { snapshot?: Snapshot }).find((props) => props.snapshot);
if (given?.snapshot) overview.start(given.snapshot);

for (const island of islands) {
  const Island = ISLANDS[island.dataset.island ?? ""];
  if (!Island) continue;
  island.replaceChildren();
  render(<Island />, island);
}
mountThemeToggle();
mountCopyButtons();
mountChecklist();
document.documentElement.dataset.ready = "";
