// Backtests: what is asked, and what comes back.

export interface Episode {
  labels: Record<string, string>;
  fingerprint: string;
  active_at: string;
  fired_at: string;
  ended_at: string | null;
  seconds: number;
  max_value: string;
  told: { receiver: string; integration: string; at: string }[];
}

export interface TriedRule {
  alert: string;
  group: string;
  expr: string;
  for_seconds: number;
  interval_seconds: number;
  evaluations: number;
  failed: number;
  error: string;
  series: number;
  fired: number;
  alerts: number;
  firing_seconds: number;
  any_firing_ratio: number;
  pending_only: number;
  longest_pending_seconds: number;
  flaps: number;
  episodes: Episode[];
}

export interface Report {
  from: string;
  to: string;
  seconds: number;
  rules: TriedRule[];
  notifications: { total: number; is_complete: boolean; receivers: { receiver: string; integration: string; index: number; notifications: number; groups: number }[] } | null;
}

/** A loaded rule, to start from. */
export interface KnownRule {
  name: string;
  language: string;
  expr: string;
  for: string;
  keep_firing_for: string;
  interval: string;
  labels: Record<string, string>;
  threshold: number | null;
}

/** The expression with another number behind its last comparison; as it was where there is none. */
export function withThreshold(expr: string, from: number, to: string): string {
  const value = Number(to);
  if (!to.trim() || !Number.isFinite(value) || value === from) return expr;
  const numbers = [...expr.matchAll(/(>=|<=|==|!=|>|<)\s*(-?\d[\d.]*(?:[eE][+-]?\d+)?)/g)].filter((match) => Number(match[2]) === from);
  const last = numbers[0];
  if (!last) return expr;
  const at = last.index + last[0].length - (last[2]?.length ?? 0);
  return expr.slice(0, at) + to.trim() + expr.slice(at + (last[2]?.length ?? 0));
}

/** Seconds as `1 d 4 h`, `5 m`: the two largest units. */
export function span(seconds: number): string {
  const units: [string, number][] = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]];
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const whole = Math.floor(left / size);
    if (whole) parts.push(`${whole} ${unit}`);
    left -= whole * size;
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
