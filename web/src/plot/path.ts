// Small lines and arcs as SVG paths.

/** A line through values over a box; gaps break it, a lonely value becomes a short stroke. */
export function linePath(values: ArrayLike<number | null>, { width, height, low, high }: { width: number; height: number; low: number; high: number }): string {
  const scale = (height - 2) / (high - low || 1);
  const x = (i: number): string => ((i / Math.max(1, values.length - 1)) * width).toFixed(1);
  const y = (value: number): string => (height - 1 - (value - low) * scale).toFixed(1);
  let path = "";
  let isDown = false;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === null || value === undefined || !Number.isFinite(value)) {
      isDown = false;
      continue;
    }
    path += `${isDown ? "L" : "M"}${x(i)} ${y(value)}`;
    const after = values[i + 1];
    if (!isDown && (after === null || after === undefined || !Number.isFinite(after))) path += "h0.01";
    isDown = true;
  }
  return path;
}

/** Lowest and highest of many values by taking the extremes of each of `most` pieces, so that peaks stay. */
export function thinned(values: ArrayLike<number | null>, most: number): (number | null)[] {
  if (values.length <= most) return Array.from(values);
  const size = values.length / Math.max(1, Math.floor(most / 2));
  const found: (number | null)[] = [];
  for (let from = 0; from < values.length; from += size) {
    let [low, high]: [number | null, number | null] = [null, null];
    for (let i = Math.floor(from); i < Math.min(values.length, Math.floor(from + size)); i += 1) {
      const value = values[i];
      if (value === null || value === undefined || !Number.isFinite(value)) continue;
      if (low === null || value < low) low = value;
      if (high === null || value > high) high = value;
    }
    found.push(low, high);
  }
  return found;
}

/** A piece of a ring; angles in turns from the top, clockwise. `inner` 0 makes a slice. */
export function ringPath(from: number, to: number, outer: number, inner: number): string {
  // A whole turn has no beginning and end that differ: two halves draw it.
  if (to - from > 0.9999) return ringPath(from, from + 0.5, outer, inner) + ringPath(from + 0.5, from + 0.9998, outer, inner);
  const point = (turn: number, radius: number): string => `${(radius * Math.sin(turn * 2 * Math.PI)).toFixed(3)} ${(-radius * Math.cos(turn * 2 * Math.PI)).toFixed(3)}`;
  const large = to - from > 0.5 ? 1 : 0;
  const arc = (radius: number, turn: number, sweep: number): string => `A${radius} ${radius} 0 ${large} ${sweep} ${point(turn, radius)}`;
  return `M${point(from, outer)}${arc(outer, to, 1)}L${point(to, inner)}${inner ? arc(inner, from, 0) : ""}Z`;
}
