// The range of a value axis.

export interface AxisRange {
  min?: number | undefined;
  max?: number | undefined;
  /** Bars and stacks are read from zero on. */
  fromZero?: boolean;
}

/** Lowest and highest value to show for data between two: from zero unless they are far from it. */
export function bounds(low: number | null, high: number | null, { min, max, fromZero = false }: AxisRange = {}): [number, number] {
  let [from, to] = roomy(low, high, fromZero);
  from = min ?? from;
  to = max ?? to;
  if (from >= to) {
    // Only one end was given and the data lie beyond it.
    if (max === undefined) to = from + (Math.abs(from) * 0.1 || 1);
    else from = to - (Math.abs(to) * 0.1 || 1);
  }
  return [from, to];
}

function roomy(low: number | null, high: number | null, fromZero: boolean): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (fromZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === 0 && high === 0) return [0, 1];
  if (low >= 0 && low < high * 0.7) return [0, high * 1.05];
  if (high <= 0 && high > low * 0.7) return [low * 1.05, 0];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high <= 0 ? Math.min(0, high + room) : high + room];
}
