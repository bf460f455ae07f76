import assert from "node:assert/strict";
import { test } from "node:test";
import { layersOf, type Link } from "./layers";

const links = (...pairs: string[]): Link[] => pairs.map((pair) => ({ from: pair[0] ?? "", to: pair[1] ?? "" }));
const columns = (names: string, found: Link[]): Record<string, number> => Object.fromEntries(layersOf([...names], found).map(({ name, column }) => [name, column]));

test("callers stand left of what they call", () => {
  assert.deepEqual(columns("abcd", links("ab", "bc", "ac", "cd")), { a: 0, b: 1, c: 2, d: 3 });
});

test("circles end, and nodes without links stand in the first column", () => {
  assert.deepEqual(columns("abcx", links("ab", "bc", "ca", "cc")), { a: 0, b: 1, c: 2, x: 0 });
});

test("neighbours stand beside each other", () => {
  const rows = Object.fromEntries(layersOf([..."abxy"], links("ay", "bx")).map(({ name, row }) => [name, row]));
  assert.equal(rows.a, rows.y);
  assert.equal(rows.b, rows.x);
});

test("where everybody calls everybody the picture stays short", () => {
  const names = [..."abcdefghij"];
  const found = layersOf(names, names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to }))));
  assert.equal(Math.max(...found.map(({ column }) => column)), 1);
});

test("every name has a place of its own", () => {
  const found = layersOf([..."abcdefgh"], links("ab", "ac", "ad", "be", "ce", "de", "ef", "fg", "gh", "ha"));
  assert.equal(new Set(found.map(({ column, row }) => `${column}/${row}`)).size, 8);
});
