// Which suggestions fit what is typed: anywhere in the name, whatever the case, best first.
import type { Suggestion, Suggestions } from "../source";

const MOST = 100;

/** How well a label fits, lower is better; null when it does not contain the word. */
export function rank(label: string, word: string): number | null {
  if (!word) return 0;
  const lower = label.toLowerCase();
  const at = lower.indexOf(word);
  if (at < 0) return null;
  if (at === 0) return label.length === word.length ? 0 : 1;
  return isBoundary(lower, at) || lower.search(new RegExp(`[^\\p{L}\\d]${escaped(word)}`, "u")) >= 0 ? 2 : 3;
}

/** The suggestions that contain the word between `from` and `to`; of equals the one that has it earlier. */
export function fitting(options: readonly Suggestion[], text: string, from: number, to: number): Suggestions {
  const word = text.slice(from, to).toLowerCase();
  const ranked = options.flatMap((option, order) => {
    const place = rank(option.label, word);
    return place === null ? [] : [{ option, place, at: option.label.toLowerCase().indexOf(word), order }];
  });
  ranked.sort((a, b) => a.place - b.place || a.at - b.at || a.order - b.order);
  return { from, to, options: ranked.slice(0, MOST).map(({ option }) => option), more: Math.max(0, ranked.length - MOST) };
}

/** Where in a label the word stands, for its highlight: [from, to] or nothing. */
export function matched(label: string, word: string): number[] {
  const at = word ? label.toLowerCase().indexOf(word.toLowerCase()) : -1;
  return at < 0 ? [] : [at, at + word.length];
}

function isBoundary(label: string, at: number): boolean {
  return !/[\p{L}\d]/u.test(label[at - 1] ?? "");
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
