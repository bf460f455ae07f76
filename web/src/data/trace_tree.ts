// The tree of a trace's spans: children, depths, and the rows that are shown when parts are folded.
import { durationOf, endOf, serviceOf, startOf, type TraceData } from "./trace_model";

export interface Tree {
  /** Places of children, ascending by start. */
  children: readonly (readonly number[])[];
  roots: readonly number[];
  depths: Int32Array;
  /** Spans below, at any depth. */
  below: Int32Array;
  /** Whether there is an error below, at any depth. */
  errorBelow: Uint8Array;
  isError: Uint8Array;
}

export function treeOf(trace: TraceData): Tree {
  const count = trace.ids.length;
  const children: number[][] = Array.from({ length: count }, () => []);
  const roots: number[] = [];
  // Places ascend by start, so each list does too.
  for (let place = 0; place < count; place += 1) {
    const parent = trace.parents[place] ?? -1;
    if (parent < 0) roots.push(place);
    else children[parent]?.push(place);
  }
  const isError = new Uint8Array(count);
  for (const place of trace.errors) isError[place] = 1;
  const depths = new Int32Array(count);
  const below = new Int32Array(count);
  const errorBelow = new Uint8Array(count);
  const order = depthFirst(children, roots);
  for (const place of order) {
    const parent = trace.parents[place] ?? -1;
    if (parent >= 0) depths[place] = (depths[parent] ?? 0) + 1;
  }
  for (let i = order.length - 1; i >= 0; i -= 1) {
    const place = order[i] ?? 0;
    const parent = trace.parents[place] ?? -1;
    if (parent < 0) continue;
    below[parent] = (below[parent] ?? 0) + 1 + (below[place] ?? 0);
    if (isError[place] || errorBelow[place]) errorBelow[parent] = 1;
  }
  return { children, roots, depths, below, errorBelow, isError };
}

/** Places of all spans, parents before children. */
function depthFirst(children: readonly (readonly number[])[], roots: readonly number[]): number[] {
  const found: number[] = [];
  const waiting = [...roots].reverse();
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    found.push(place);
    const below = children[place] ?? [];
    for (let i = below.length - 1; i >= 0; i -= 1) waiting.push(below[i] as number);
  }
  return found;
}

/**
 * Places of the rows that are shown, from top to bottom.
 *
 * @param folded places whose children are hidden
 * @param keep when given, only these and what leads to them
 */
export function rowsOf(tree: Tree, folded: ReadonlySet<number>, keep?: Uint8Array | null): number[] {
  const found: number[] = [];
  const waiting = [...tree.roots].reverse();
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (keep && !keep[place]) continue;
    found.push(place);
    if (folded.has(place)) continue;
    const below = tree.children[place] ?? [];
    for (let i = below.length - 1; i >= 0; i -= 1) waiting.push(below[i] as number);
  }
  return found;
}

/** Some spans and all that are above them, as flags by place. */
export function withAncestors(trace: TraceData, places: Iterable<number>): Uint8Array {
  const flags = new Uint8Array(trace.ids.length);
  for (const place of places) for (let at = place; at >= 0 && !flags[at]; at = trace.parents[at] ?? -1) flags[at] = 1;
  return flags;
}

/** Places from a span's parent up to its root. */
export function ancestorsOf(trace: TraceData, place: number): number[] {
  const found: number[] = [];
  for (let at = trace.parents[place] ?? -1; at >= 0; at = trace.parents[at] ?? -1) found.push(at);
  return found;
}

/** Spans deeper than a level that have children: what is folded at first in a very large trace. */
export function deeperThan(tree: Tree, level: number): Set<number> {
  const found = new Set<number>();
  tree.children.forEach((below, place) => {
    if (below.length && (tree.depths[place] ?? 0) >= level) found.add(place);
  });
  return found;
}

/** Duration without the time that some child takes; children may overlap and reach beyond. */
export function selfTime(trace: TraceData, tree: Tree, place: number): number {
  const start = startOf(trace, place);
  const end = endOf(trace, place);
  let covered = 0;
  let until = start;
  for (const child of tree.children[place] ?? []) {
    const from = Math.max(until, startOf(trace, child));
    const to = Math.min(end, endOf(trace, child));
    if (to > from) {
      covered += to - from;
      until = to;
    }
  }
  return durationOf(trace, place) - covered;
}

export interface OperationRow {
  service: string;
  name: string;
  count: number;
  errors: number;
  self: number;
  total: number;
  longest: number;
  /** Place of the longest. */
  place: number;
}

/** Spans by service and operation, those that took most time of their own first. */
export function operationsOf(trace: TraceData, tree: Tree): OperationRow[] {
  const rows = new Map<number, OperationRow>();
  const width = trace.texts.length + 1;
  for (let place = 0; place < trace.ids.length; place += 1) {
    const key = (trace.services[place] ?? 0) * width + (trace.names[place] ?? 0);
    const duration = durationOf(trace, place);
    let row = rows.get(key);
    if (!row) {
      row = { service: serviceOf(trace, place), name: trace.texts[trace.names[place] ?? -1] ?? "", count: 0, errors: 0, self: 0, total: 0, longest: -1, place };
      rows.set(key, row);
    }
    row.count += 1;
    row.errors += tree.isError[place] ?? 0;
    row.self += selfTime(trace, tree, place);
    row.total += duration;
    if (duration > row.longest) {
      row.longest = duration;
      row.place = place;
    }
  }
  return [...rows.values()].sort((a, b) => b.self - a.self);
}

export interface Skew {
  service: string;
  parent: string;
  spans: number;
  /** By how much the earliest one is too early, in nanoseconds. */
  most: number;
}

/** Spans that start before the parent that called them, by service: clocks of hosts differ. */
export function skews(trace: TraceData): Skew[] {
  const found = new Map<string, Skew>();
  for (let place = 0; place < trace.ids.length; place += 1) {
    const parent = trace.parents[place] ?? -1;
    if (parent < 0 || trace.services[place] === trace.services[parent]) continue;
    const early = startOf(trace, parent) - startOf(trace, place);
    if (early <= 0) continue;
    const service = serviceOf(trace, place);
    const key = `${service}\n${serviceOf(trace, parent)}`;
    const known = found.get(key) ?? { service, parent: serviceOf(trace, parent), spans: 0, most: 0 };
    known.spans += 1;
    known.most = Math.max(known.most, early);
    found.set(key, known);
  }
  return [...found.values()].sort((a, b) => b.most - a.most);
}
