// Colours that programs write into lines for terminals (ECMA-48, SGR).

export interface AnsiPart {
  text: string;
  /** Class of the colour, such as `ansi-red`; empty for none. */
  kind: string;
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** Colours and other control sequences, which are left out. */
// biome-ignore lint: escape characters are what this is about
const SEQUENCE = /\u001b\[([0-9;]*)([A-Za-z])/g;

export function hasAnsi(text: string): boolean {
  return text.includes("\u001b[");
}

/** The text without control sequences. */
export function plainText(text: string): string {
  return hasAnsi(text) ? text.replace(SEQUENCE, "") : text;
}

/** Parts of one colour each. */
export function ansiParts(text: string): AnsiPart[] {
  const parts: AnsiPart[] = [];
  let kind = "";
  let at = 0;
  for (const found of text.matchAll(SEQUENCE)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index), kind });
    at = found.index + found[0].length;
    if (found[2] === "m") kind = colour(found[1] ?? "", kind);
  }
  if (at < text.length) parts.push({ text: text.slice(at), kind });
  return parts;
}

function colour(codes: string, before: string): string {
  let kind = before;
  const numbers = codes.split(";").map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i] ?? 0;
    if (code === 38 || code === 48) i += numbers[i + 1] === 5 ? 2 : 4; // a colour of a larger palette
    else if (code === 0 || code === 39) kind = "";
    else if (code === 1) kind ||= "ansi-bold";
    else if (code >= 30 && code <= 37) kind = `ansi-${COLORS[code - 30]}`;
    else if (code >= 90 && code <= 97) kind = `ansi-${COLORS[code - 90]}`;
  }
  return kind;
}
