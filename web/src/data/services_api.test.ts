import assert from "node:assert/strict";
import { test } from "node:test";
import { percent, type ServiceRow, sortedBy } from "./services_api";

test("small error shares are not rounded to none", () => {
  assert.deepEqual([0, 0.0002, 0.031994, 0.5, 1].map(percent), ["0 %", "<0.1 %", "3.2 %", "50 %", "100 %"]);
});

test("rows without figures come last, whatever the column", () => {
  const rows: ServiceRow[] = [
    { service: "b", signals: ["logs"] },
    { service: "c", signals: [], rate: 1, p95_ns: 5 },
    { service: "a", signals: [], rate: 0, p95_ns: 9 },
  ];
  const names = (column: string): string => sortedBy(rows, column).map(({ service }) => service).join("");
  assert.deepEqual(["service", "rate", "p95_ns", "nonsense"].map(names), ["abc", "cab", "acb", "cab"]);
});
