import assert from "node:assert/strict";
import { test } from "node:test";
import { bounds } from "./bounds";
import { calc } from "./calcs";
import { chosen } from "./choice";
import { byLevel, levelOf } from "./levels";
import { cssColor, linesOf, type Series, shorten } from "./model";
import { MOST_ROWS, readAt } from "./reading";
import { columnsOf, lonely } from "./stack";
import { colorFor, ranges } from "./thresholds";

const series = (name: string, values: (number | null)[], rest: Partial<Series> = {}): Series => ({ name, values, ...rest });

test("colours go in order, dashes once they repeat, keys stay apart", () => {
  const lines = linesOf(Array.from({ length: 18 }, () => series("same", [1])));
  assert.equal(lines[0]?.color, "series-0");
  assert.equal(lines[8]?.color, "series-0");
  assert.deepEqual([0, 8, 16].map((i) => lines[i]?.pattern), [0, 1, 2]);
  assert.equal(new Set(lines.map((line) => line.key)).size, 18);
  const given = linesOf([series("a", [1], { color: "bad" }), series("b", [1], { color: "bad" })]);
  assert.deepEqual(given.map((line) => line.pattern), [0, 1]);
});

test("a style is the series' own before the chart's before the usual one", () => {
  const [a, b] = linesOf([series("a", [1], { style: { width: 3 } }), series("b", [1])], { width: 2, draw: "bars" });
  assert.deepEqual([a?.style.width, b?.style.width, a?.style.draw], [3, 2, "bars"]);
  assert.ok((b?.style.fill ?? 0) > 0.5, "bars are filled by themselves");
});

test("tokens become custom properties, colours stay", () => {
  assert.deepEqual(["series-3", "level-error", "good", "#abc", "rebeccapurple", "rgb(1 2 3)"].map(cssColor), ["var(--series-3)", "var(--level-error)", "var(--good)", "#abc", "rebeccapurple", "rgb(1 2 3)"]);
});

test("long names lose their middle", () => {
  assert.equal(shorten("abcdefghij", 10), "abcdefghij");
  assert.equal(shorten("abcdefghijk", 7), "abc…ijk");
  assert.equal(shorten("abcdefghijk", 7).length, 7);
});

test("what cannot be drawn is a gap", () => {
  const lines = linesOf([series("a", [1, NaN, null, Infinity, -1]), { name: "b", values: Float64Array.from([NaN, 2, 3, 4, 5]) }]);
  assert.deepEqual(columnsOf(lines, () => false).drawn, [[1, null, null, null, -1], [null, 2, 3, 4, 5]]);
  assert.deepEqual(columnsOf(lines, () => false, true).drawn[0], [1, null, null, null, null], "a logarithm needs more than zero");
  const down = linesOf([series("a", [1, 2], { style: { negativeY: true } })]);
  assert.deepEqual(columnsOf(down, () => false).drawn, [[-1, -2]]);
});

test("stacks sum up, hidden lines add nothing, values below zero stack downwards", () => {
  const style = { stack: "s" };
  const lines = linesOf([series("a", [1, null, null]), series("b", [2, 2, null]), series("c", [-1, -1, -1])], style);
  const { drawn, below } = columnsOf(lines, () => false);
  assert.deepEqual(drawn, [[1, 0, null], [3, 2, null], [-1, -1, -1]]);
  assert.deepEqual(below, [null, 0, null]);
  const without = columnsOf(lines, (key) => key === lines[0]?.key);
  assert.deepEqual(without.drawn[1], [2, 2, null]);
  assert.deepEqual(without.below, [null, null, null]);
});

test("shares come to one", () => {
  const lines = linesOf([series("a", [1, 0]), series("b", [3, 0])], { stack: "s", percent: true });
  assert.deepEqual(columnsOf(lines, () => false).drawn, [[0.25, 0], [1, 0]]);
});

test("the values given stay as they are", () => {
  const values = [1, 2];
  columnsOf(linesOf([series("a", values), series("b", [1, 1])], { stack: "s", percent: true }), () => false);
  assert.deepEqual(values, [1, 2]);
});

test("samples without neighbours are dots", () => {
  assert.deepEqual(lonely([1, null, 2, 3, null, 4], false), [0, 5]);
  assert.deepEqual(lonely([1, null, 2], true), []);
  assert.deepEqual(lonely([null, 2, null], true), [1]);
});

test("axes start at zero unless the values are far from it", () => {
  assert.equal(bounds(5, 100)[0], 0);
  const [min, max] = bounds(990, 1000);
  assert.ok(min > 980 && min < 990 && max > 1000);
  assert.deepEqual([bounds(null, null), bounds(0, 0)], [[0, 1], [0, 1]]);
  assert.ok(bounds(-5, 5)[0] < -5);
  assert.equal(bounds(-100, -5)[1], 0);
  assert.equal(bounds(990, 1000, { fromZero: true })[0], 0);
  assert.deepEqual(bounds(5, 100, { min: 10, max: 20 }), [10, 20]);
  const [from, to] = bounds(5, 7, { min: 50 });
  assert.ok(from === 50 && to > 50);
});

test("calculations leave gaps out", () => {
  const values = [null, 4, NaN, 1, 7, null];
  const found = (["first", "last", "min", "max", "mean", "sum", "delta", "diff", "range", "count"] as const).map((what) => calc(values, what));
  assert.deepEqual(found, [4, 7, 1, 7, 4, 12, 7, 3, 6, 3]);
  assert.deepEqual([calc([null], "max"), calc([], "last"), calc([null], "count")], [null, null, 0]);
});

test("the tooltip reads the largest first and never loses the nearest", () => {
  const lines = linesOf(Array.from({ length: 30 }, (_, i) => series(`s${i}`, [i])));
  const reading = readAt(lines, 0, { mode: "all", isHidden: () => false, distance: (line) => Math.abs(line - 2) });
  assert.equal(reading.rows.length, MOST_ROWS);
  assert.equal(reading.more, 10);
  assert.equal(reading.rows[0]?.value, 29);
  assert.equal(reading.rows[reading.nearest]?.line, 2);
  const single = readAt(lines, 0, { mode: "single", isHidden: (key) => key === "s2", distance: (line) => Math.abs(line - 2) });
  assert.deepEqual(single.rows.map((row) => row.line), [1]);
  assert.deepEqual(readAt(linesOf([series("a", [NaN])]), 0, { mode: "all", isHidden: () => false, distance: () => 0 }), { rows: [], nearest: -1, more: 0 });
});

test("a click shows one line alone, the next one all; a toggle changes one", () => {
  const lines = linesOf(["a", "b", "c"].map((name) => series(name, [1])));
  const alone = chosen(lines, new Set(), "b", false);
  assert.deepEqual([...alone].sort(), ["a", "c"]);
  assert.deepEqual([...chosen(lines, alone, "c", false)].sort(), ["a", "b"]);
  assert.equal(chosen(lines, alone, "b", false).size, 0);
  assert.deepEqual([...chosen(lines, alone, "a", true)], ["c"]);
});

test("levels are known however they are spelled", () => {
  const table = { critical: ["FATAL", "crit", "60"], error: ["err", "ERROR", "50"], warn: ["Warning"], info: ["notice", "info"], debug: ["DEBUG", "20"], trace: ["trace"], unknown: ["", "weird"] };
  for (const [level, names] of Object.entries(table)) for (const name of names) assert.equal(levelOf(name), level, name);
  assert.deepEqual(byLevel([{ name: "info" }, { name: "x" }, { name: "error" }]).map(({ name }) => name), ["error", "info", "x"]);
});

test("the highest step at or below a value gives the colour", () => {
  const steps = [{ value: -Infinity, color: "good" }, { value: 90, color: "bad" }, { value: 70, color: "warn" }];
  assert.deepEqual([0, 70, 89, 90, null].map((value) => colorFor(value, steps)), ["good", "warn", "warn", "bad", "good"]);
  assert.equal(colorFor(1, [], "accent"), "accent");
  assert.deepEqual(ranges(steps, 0, 80), [{ from: 0, to: 70, color: "good" }, { from: 70, to: 80, color: "warn" }]);
});
