// Colours of the model as a canvas takes them; asked of the style sheet once per theme.
import { onThemeChange } from "../page/theme";
import { cssColor } from "./model";

const known = new Map<string, string>();
const listeners = new Set<() => void>();
let probe: HTMLElement | undefined;
let stop: (() => void) | undefined;

/** Calls back when colours have changed; returns what ends that. */
export function onColours(listener: () => void): () => void {
  stop ??= onThemeChange(() => {
    known.clear();
    for (const one of listeners) one();
  });
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** `rgb(r g b / alpha)` of a CSS colour or token. */
export function rgb(color: string, alpha = 1): string {
  let found = known.get(color);
  if (found === undefined) {
    found = resolve(cssColor(color));
    known.set(color, found);
  }
  return alpha === 1 ? `rgb(${found})` : `rgb(${found} / ${alpha})`;
}

function resolve(css: string): string {
  if (!probe?.isConnected) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = "";
  probe.style.color = css;
  const text = getComputedStyle(probe).color;
  const [r = 0, g = 0, b = 0] = (text.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
  const scale = text.startsWith("color(") ? 255 : 1;
  return [r, g, b].map((part) => Math.round(part * scale)).join(" ");
}
