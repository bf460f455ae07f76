import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contrast, DEFICIENCIES, distance, linear, simulate } from "./vision";

const css = readFileSync("src/styles/tokens.css", "utf8");

/** A token's colour in the light or the dark theme. */
function token(name: string, theme: number): string {
  const match = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  assert.ok(match, `no token ${name}`);
  return match[theme + 1] ?? "";
}

const SERIES = Array.from({ length: 8 }, (_, i) => `series-${i}`);
const LEVELS = ["critical", "error", "warn", "info", "debug", "trace", "unknown"].map((level) => `level-${level}`);

/** Distances of all pairs; of pairs `apart` places from each other when given. */
function closest(names: string[], theme: number, deficiency: string, apart?: number): { text: string; least: number } {
  let least = Infinity;
  let text = "";
  names.forEach((a, i) => {
    names.slice(i + 1).forEach((b, k) => {
      if (apart !== undefined && k + 1 !== apart) return;
      const far = distance(simulate(linear(token(a, theme)), deficiency), simulate(linear(token(b, theme)), deficiency));
      if (far < least) [least, text] = [far, `${a} and ${b}: ${far.toFixed(1)}`];
    });
  });
  return { least, text };
}

for (const [theme, name] of [[0, "light"], [1, "dark"]] as const) {
  test(`colours stand out from the surface in the ${name} theme`, () => {
    for (const one of [...SERIES, ...LEVELS]) {
      const found = contrast(linear(token(one, theme)), linear(token("surface", theme)));
      assert.ok(found >= 3, `${one}: ${found.toFixed(2)}`);
    }
  });

  for (const deficiency of Object.keys(DEFICIENCIES)) {
    test(`colours are told apart in the ${name} theme, deficiency: ${deficiency}`, (t) => {
      const neighbours = closest(SERIES, theme, deficiency, 1);
      const any = closest(SERIES, theme, deficiency);
      const levels = closest(LEVELS, theme, deficiency, 1);
      t.diagnostic(`${name}, ${deficiency}: neighbours ${neighbours.text}; any pair ${any.text}; levels ${levels.text}`);
      assert.ok(neighbours.least >= 14, neighbours.text);
      assert.ok(any.least >= 8, any.text);
      assert.ok(levels.least >= 11, levels.text);
    });
  }
}

test("the distance is CIEDE2000's", () => {
  // Black and white are 100 apart; a colour is not apart from itself.
  assert.equal(Math.round(distance(linear("#000000"), linear("#ffffff"))), 100);
  assert.equal(distance(linear("#c24e00"), linear("#c24e00")), 0);
});
