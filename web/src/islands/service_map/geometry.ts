// Where nodes and connections of the map lie, in units of its drawing.
import type { Placed } from "../../data/layers";

export const NODE = { width: 190, height: 52 };
const GAP = { x: 150, y: 34 };
const EDGE = 24;

export interface Box {
  x: number;
  y: number;
}

export function geometry(placed: readonly Placed[]): { at: Map<string, Box>; width: number; height: number } {
  const columns = Math.max(0, ...placed.map(({ column }) => column)) + 1;
  const sizes = Array.from({ length: columns }, (_, column) => placed.filter((one) => one.column === column).length);
  const tallest = Math.max(1, ...sizes);
  const height = tallest * (NODE.height + GAP.y) - GAP.y + 2 * EDGE;
  const at = new Map(
    placed.map(({ name, column, row }) => {
      const own = (sizes[column] ?? 1) * (NODE.height + GAP.y) - GAP.y;
      return [name, { x: EDGE + column * (NODE.width + GAP.x), y: (height - own) / 2 + row * (NODE.height + GAP.y) }] as const;
    }),
  );
  return { at, width: columns * (NODE.width + GAP.x) - GAP.x + 2 * EDGE, height };
}

/** A curve from the right of one node to the left of another, and the middle of it for a text. */
export function edgePath(from: Box, to: Box): { path: string; x: number; y: number } {
  if (to.x === from.x) return loop(from, to);
  const isBack = to.x < from.x;
  const start = { x: from.x + (isBack ? NODE.width / 2 : NODE.width), y: from.y + (isBack ? NODE.height : NODE.height / 2) };
  const end = { x: to.x + (isBack ? NODE.width / 2 : -2), y: to.y + (isBack ? NODE.height : NODE.height / 2) };
  if (isBack) {
    const low = Math.max(start.y, end.y) + 40;
    return { path: `M${start.x} ${start.y}C${start.x} ${low} ${end.x} ${low} ${end.x} ${end.y + 2}`, x: (start.x + end.x) / 2, y: low - 6 };
  }
  const bend = Math.max(40, (end.x - start.x) / 2);
  return { path: `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`, x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
}

/** Between nodes of one column the way goes around their right sides. */
function loop(from: Box, to: Box): { path: string; x: number; y: number } {
  const right = from.x + NODE.width;
  const [start, end] = [from.y + NODE.height * 0.7, to.y + NODE.height * 0.3];
  const bulge = Math.min(GAP.x * 0.8, 40 + Math.abs(end - start) * 0.15);
  return { path: `M${right} ${start}C${right + bulge} ${start} ${right + bulge} ${end} ${right + 2} ${end}`, x: right + bulge * 0.75, y: (start + end) / 2 };
}
