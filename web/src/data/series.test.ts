import assert from "node:assert/strict";
import { test } from "node:test";
import { align, cut, differingKeys, distinctNames, largest, latest, perSecond } from "./series";

const STEPS = { start: 100, end: 140, step: 10 };

test("samples land on their step and gaps stay gaps", () => {
  const frame = align([{ metric: { __name__: "up" }, values: [[100, "1"], [120, "NaN"], [130, "+Inf"], [140, "3"]] }], STEPS);
  assert.deepEqual(frame.times, [100, 110, 120, 130, 140]);
  assert.deepEqual(frame.columns[0]?.values, [1, null, null, null, 3]);
});

test("names carry only the labels that differ", () => {
  assert.deepEqual(
    distinctNames([
      { __name__: "x", job: "a", code: "200" },
      { __name__: "x", job: "a", code: "500" },
    ]),
    ["200", "500"],
  );
  assert.deepEqual(distinctNames([{ a: "1", b: "x" }, { a: "2", b: "y" }]), ["1 · x", "2 · y"]);
  assert.deepEqual(distinctNames([{ a: "1" }, {}]), ["1", "–"]);
  const many = { a: "1", b: "1", c: "1", d: "1", e: "1" };
  assert.equal(distinctNames([many, {}])[0], 'a="1", b="1", c="1", d="1", e="1"');
  assert.deepEqual(differingKeys([{ a: "1", b: "x" }, { a: "1" }]), ["b"]);
  assert.deepEqual(distinctNames([{ __name__: "x", job: "a" }]), ['job="a"']);
  assert.deepEqual(distinctNames([{ __name__: "x" }]), ["x"]);
  assert.deepEqual(distinctNames([]), []);
});

test("a rate looks back over its window and survives a restart", () => {
  const frame = { times: [0, 10, 20, 30, 40], columns: [{ name: "", labels: {}, values: [0, 10, 30, 5, 15] }], keys: [], total: 1 };
  assert.deepEqual(perSecond(frame, 2).columns[0]?.values, [null, 1, 1.5, 1.25, 0.75]);
});

test("a rate begins anew after a gap", () => {
  const frame = { times: [0, 10, 20, 30], columns: [{ name: "", labels: {}, values: [0, null, 30, 40] }], keys: [], total: 1 };
  assert.deepEqual(perSecond(frame, 3).columns[0]?.values, [null, null, null, 1]);
});

test("a young series' rate does not fall between scrapes, and idleness shows after a third of the window", () => {
  const columns = [
    { name: "a", labels: {}, values: [0, 6, 6, 12] },
    { name: "b", labels: {}, values: [5, 5, 5, 5] },
  ];
  const frame = perSecond({ times: [0, 1, 2, 3], columns, keys: [], total: 2 }, 6);
  assert.deepEqual(frame.columns[0]?.values, [null, 6, 6, 4]);
  assert.deepEqual(frame.columns[1]?.values, [null, null, 0, 0]);
});

test("cut drops leading steps of times and values alike", () => {
  const frame = cut(align([{ metric: {}, values: [[110, "2"]] }], STEPS), 1);
  assert.deepEqual([frame.times[0], frame.columns[0]?.values[0]], [110, 2]);
});

test("the largest series stay, in the order of their names", () => {
  const column = (name: string, value: number) => ({ name, labels: {}, values: [value, null] });
  const frame = { times: [0, 1], columns: [column("c", 9), column("b", 1), column("a", 5)], keys: [], total: 3 };
  assert.deepEqual(largest(frame, 2).columns.map((c) => c.name), ["a", "c"]);
  assert.equal(latest([1, 2, null]), 2);
  assert.equal(latest([null]), null);
});
