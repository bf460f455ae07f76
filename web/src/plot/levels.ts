// Levels of log lines in order of severity, and their colours.

export const LEVELS = ["critical", "error", "warn", "info", "debug", "trace", "unknown"] as const;
export type Level = (typeof LEVELS)[number];

/** The level that a name means: words in any case, numbers of Pino and Bunyan. */
export function levelOf(name: string): Level {
  const text = name.toLowerCase();
  if (/^(crit|fatal|emerg|alert|panic|60$)/.test(text)) return "critical";
  if (/^(err|severe|50$)/.test(text)) return "error";
  if (/^(warn|40$)/.test(text)) return "warn";
  if (/^(info|notice|30$)/.test(text)) return "info";
  if (/^(debug|verbose|fine$|20$)/.test(text)) return "debug";
  if (/^(trace|finest|finer|10$)/.test(text)) return "trace";
  return "unknown";
}

/** Name of the token. */
export const levelColor = (name: string): string => `level-${levelOf(name)}`;

/** Sorted by severity, the most severe first; the order of equal ones stays. */
export function byLevel<T extends { name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => LEVELS.indexOf(levelOf(a.name)) - LEVELS.indexOf(levelOf(b.name)));
}
