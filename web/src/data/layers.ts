// A layout of a directed graph in columns: callers to the left of what they call.

export interface Link {
  from: string;
  to: string;
}

export interface Placed {
  name: string;
  /** From 0 on. */
  column: number;
  row: number;
}

const SWEEPS = 8;
/** Graphs that would be longer (everybody calls everybody) are laid out by the shortest ways instead. */
const MOST_COLUMNS = 7;

/** Columns by the longest way from a node that nobody calls; ways that lead back do not count. */
export function layersOf(names: readonly string[], links: readonly Link[]): Placed[] {
  const longest = longestWays(names, withoutCircles(names, links));
  const columns = Math.max(0, ...longest.values()) < MOST_COLUMNS ? longest : shortestWays(names, links);
  const layers: string[][] = [];
  for (const name of [...names].sort()) (layers[columns.get(name) ?? 0] ??= []).push(name);
  order(layers, links);
  return layers.flatMap((layer, column) => layer.map((name, row) => ({ name, column, row })));
}

function longestWays(names: readonly string[], forward: readonly Link[]): Map<string, number> {
  const columns = new Map<string, number>();
  const columnOf = (name: string): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    columns.set(name, 0);
    const callers = forward.filter(({ to }) => to === name).map(({ from }) => columnOf(from));
    const column = callers.length ? Math.max(...callers) + 1 : 0;
    columns.set(name, column);
    return column;
  };
  for (const name of names) columnOf(name);
  return columns;
}

/** Steps from the nodes that nobody else calls, or from the first one where there is none. */
function shortestWays(names: readonly string[], links: readonly Link[]): Map<string, number> {
  const called = new Set(links.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const columns = new Map<string, number>();
  const starts = [...names].sort();
  for (const start of [...starts.filter((name) => !called.has(name)), ...starts]) {
    if (columns.has(start)) continue;
    const waiting: [string, number][] = [[start, 0]];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, column] = next;
      if ((columns.get(name) ?? Infinity) <= column) continue;
      columns.set(name, column);
      for (const { from, to } of links) if (from === name) waiting.push([to, column + 1]);
    }
  }
  return columns;
}

/** Links that do not lead back to what is being followed, depth first. */
function withoutCircles(names: readonly string[], links: readonly Link[]): Link[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of links) if (from !== to) targets.set(from, [...(targets.get(from) ?? []), to]);
  const called = new Set(links.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const found: Link[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (name: string): void => {
    state.set(name, "open");
    for (const to of targets.get(name) ?? []) {
      if (state.get(to) === "open") continue;
      found.push({ from: name, to });
      if (!state.has(to)) visit(to);
    }
    state.set(name, "done");
  };
  const sorted = [...names].sort();
  for (const name of [...sorted.filter((one) => !called.has(one)), ...sorted]) if (!state.has(name)) visit(name);
  return found;
}

/** Moves nodes towards the middle of their neighbours, so that few links cross. */
function order(layers: string[][], links: readonly Link[]): void {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of links) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const heights = new Map<string, number>();
  const note = (layer: readonly string[]): void => layer.forEach((name, row) => heights.set(name, (row + 0.5) / layer.length));
  layers.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const middle = (name: string): number => {
        const near = (neighbours.get(name) ?? []).map((one) => heights.get(one) ?? 0.5);
        return near.length ? near.reduce((sum, one) => sum + one, 0) / near.length : (heights.get(name) ?? 0.5);
      };
      const wanted = new Map(layer.map((name) => [name, middle(name)] as const));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a.localeCompare(b));
      note(layer);
    }
  }
}
