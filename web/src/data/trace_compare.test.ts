import assert from "node:assert/strict";
import { test } from "node:test";
import { type CompareRow, kindOf, rowsWith } from "./trace_compare";

const side = (duration_ns: number, is_error = false) => ({ span_id: "", start_ns: 0, duration_ns, is_error });
const row = (depth: number, name: string, a: number | null, b: number | null, errors = [false, false]): CompareRow => ({ depth, service: "s", name, first: a === null ? null : side(a, errors[0]), second: b === null ? null : side(b, errors[1]), change_ns: a === null || b === null ? null : b - a });

test("small changes are noise", () => {
  const kind = (a: number | null, b: number | null, errors?: boolean[]) => kindOf(row(0, "", a, b, errors), 1000);
  assert.deepEqual([kind(100, 150), kind(150, 100), kind(100, 105), kind(1, 3), kind(100, null), kind(null, 1), kind(100, 100, [false, true])], ["slower", "faster", "same", "same", "first", "second", "errors"]);
});

test("what leads to a kept row is kept", () => {
  const rows = [row(0, "a", 1, 1), row(1, "b", 1, 1), row(2, "c", 1, null), row(1, "d", 1, 1), row(0, "e", 1, 1)];
  assert.deepEqual(rowsWith(rows, (one) => !one.second).map(({ name }) => name), ["a", "b", "c"]);
});
