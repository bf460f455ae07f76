// Which lines of a chart are shown after clicks in its legend.
import type { Line } from "./model";

/** The lines hidden after a click: a toggle changes one; else one is alone, and a second click brings all back. */
export function chosen(lines: readonly Line[], hidden: ReadonlySet<string>, key: string, isToggle: boolean): ReadonlySet<string> {
  if (isToggle) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const others = lines.map((line) => line.key).filter((other) => other !== key);
  const isAlone = !hidden.has(key) && others.every((other) => hidden.has(other));
  return new Set(isAlone ? [] : others);
}
