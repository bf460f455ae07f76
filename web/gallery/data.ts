// Made-up data of the gallery; the same at each run.
import type { Frame, Series } from "../src/plot/model";

/** Numbers between 0 and 1 from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** 2026-03-01 12:00 UTC. */
export const END = 1_772_366_400_000;

/** A walk around a level, never below zero. */
export function walk(seed: number, length: number, level: number, wave = 0.4): number[] {
  const next = random(seed);
  let drift = 0;
  return Array.from({ length }, (_, i) => {
    drift = drift * 0.96 + (next() - 0.5) * 0.25;
    return Math.max(0, level * (1 + wave * Math.sin(i / (length / 9) + seed) + drift));
  });
}

export function frameOf(count: number, length: number, { step = 15, level = 100, seed = 1, name = (i: number) => `series ${i}` } = {}): Frame {
  const times = Array.from({ length }, (_, i) => END / 1000 - (length - 1 - i) * step);
  const series: Series[] = Array.from({ length: count }, (_, i) => ({ name: name(i), labels: { instance: `host-${i}:9100` }, values: walk(seed + i, length, level * (1 + i * 0.35)) }));
  return { times, series };
}

export const windowOf = ({ times }: Frame): { start: number; end: number } => ({ start: (times[0] ?? 0) * 1000, end: (times.at(-1) ?? 0) * 1000 });
