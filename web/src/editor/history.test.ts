import assert from "node:assert/strict";
import { test } from "node:test";
import { recent, remember, Walk } from "./history";

class Memory implements Storage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear(): void {
    this.items.clear();
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

test("the newest query is first, none is there twice, blanks count for nothing", () => {
  const storage = new Memory();
  for (const query of ["a", "b", " a ", "", "  "]) remember("promql", query, storage);
  assert.deepEqual(recent("promql", storage), ["a", "b"]);
  assert.deepEqual(recent("logql", storage), []);
});

test("fifty are kept, damage is forgotten", () => {
  const storage = new Memory();
  for (let i = 0; i < 60; i++) remember("logql", `q${i}`, storage);
  assert.deepEqual([recent("logql", storage).length, recent("logql", storage)[0]], [50, "q59"]);
  storage.setItem("history:logql", "{");
  assert.deepEqual(recent("logql", storage), []);
  storage.setItem("history:logql", '["a", 1]');
  assert.deepEqual(recent("logql", storage), ["a"]);
});

test("a walk goes back, and comes forth again to what was being written", () => {
  const walk = new Walk(() => ["c", "b", "a"]);
  assert.deepEqual([walk.older("draft"), walk.older("c"), walk.older("b"), walk.older("a")], ["c", "b", "a", null]);
  assert.deepEqual([walk.newer("a"), walk.newer("b"), walk.newer("c"), walk.newer("draft")], ["b", "c", "draft", null]);
});

test("a walk skips the query that is there already, and starts anew after a change", () => {
  const walk = new Walk(() => ["b", "a"]);
  assert.equal(walk.older("b"), "a");
  assert.equal(walk.older("a changed"), "b");
  assert.equal(walk.newer("b"), "a changed");
});
