import assert from "node:assert/strict";
import { test } from "node:test";
import { sectionsOf } from "./layout";
import type { Panel, Row } from "./types";

const panel = (id: number, x: number, y: number, width: number, height: number, more: Partial<Panel> = {}): Panel => ({ id, grid: { x, y, width, height }, repeat: null, ...more }) as Panel;
const row = (panels: Panel[], more: Partial<Row> = {}): Row => ({ title: "", hasHeader: false, collapsed: false, repeat: null, panels, ...more });
const values = (...names: string[]) => () => names.map((value) => ({ value, text: value }));
const places = (rows: Row[], ...names: string[]) => sectionsOf(rows, values(...names)).map(({ panels }) => panels.map(({ panel: { id }, x, y, width }) => [id, x, y, width]));

test("panels keep their places", () => {
  assert.deepEqual(places([row([panel(1, 0, 0, 12, 8), panel(2, 12, 0, 12, 8)])]), [[[1, 0, 0, 12], [2, 12, 0, 12]]]);
});

test("a panel repeats across, in as many lines as it needs; what is below moves", () => {
  const repeated = panel(1, 0, 0, 24, 4, { repeat: { variable: "v", direction: "h", maxPerRow: 2 } });
  assert.deepEqual(places([row([repeated, panel(2, 0, 4, 24, 4)])], "a", "b", "c"), [[[1, 0, 0, 12], [1, 12, 0, 12], [1, 0, 4, 12], [2, 0, 8, 24]]]);
});

test("a panel repeats downwards in its own width", () => {
  const repeated = panel(1, 4, 0, 6, 3, { repeat: { variable: "v", direction: "v", maxPerRow: 4 } });
  assert.deepEqual(places([row([repeated])], "a", "b"), [[[1, 4, 0, 6], [1, 4, 3, 6]]]);
});

test("a row repeats with the value in its panels; a variable without values leaves one", () => {
  const rows = [row([panel(1, 0, 0, 24, 4)], { repeat: { variable: "v", direction: "h", maxPerRow: 4 } })];
  const sections = sectionsOf(rows, values("a", "b"));
  assert.deepEqual(sections.map(({ scoped }) => scoped.get("v")?.values), [["a"], ["b"]]);
  assert.deepEqual(sections[1]?.panels[0]?.scoped.get("v")?.values, ["b"]);
  assert.equal(sectionsOf(rows, values()).length, 1);
});
