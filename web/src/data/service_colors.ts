// A colour for each service, the same on all pages as far as there are enough of them.

const COLORS = 8;

/** A number from 0 to 7 that only depends on the name (FNV-1a). */
export function preferredColor(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % COLORS;
}

/** Colours of services that are seen together: each its own, or the next free one, until they repeat. */
export function serviceColors(names: Iterable<string>): Map<string, number> {
  const found = new Map<string, number>();
  let free = new Set(Array.from({ length: COLORS }, (_, i) => i));
  for (const name of [...new Set(names)].sort()) {
    if (!free.size) free = new Set(Array.from({ length: COLORS }, (_, i) => i));
    let color = preferredColor(name);
    while (!free.has(color)) color = (color + 1) % COLORS;
    free.delete(color);
    found.set(name, color);
  }
  return found;
}
