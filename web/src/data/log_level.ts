// Levels of log lines in Loki's and in loggers' words.
import { type Level, LEVELS, levelOf as levelOfName } from "../plot/levels";

export { type Level, LEVELS };

/** Values of Loki's `detected_level` by level. */
export const DETECTED: Record<Level, readonly string[]> = {
  critical: ["critical", "fatal"],
  error: ["error"],
  warn: ["warn"],
  info: ["info"],
  debug: ["debug"],
  trace: ["trace"],
  unknown: ["unknown"],
};

/** Pino's and Bunyan's numbers. */
export const NUMBERS: Record<Exclude<Level, "unknown">, string> = { critical: "60", error: "50", warn: "40", info: "30", debug: "20", trace: "10" };

/** The level that a name or a number means; unknown for none. */
export const levelOf = (text: string | undefined): Level => levelOfName(text ?? "");
