import assert from "node:assert/strict";
import { test } from "node:test";
import given from "../../../tests/dashboards/interpolate.cases.json";
import { builtIn, interpolate, namesIn, type Value } from "./interpolate";

const values = new Map<string, Value>([...builtIn(given.moment), ...Object.entries(given.values as Record<string, Value>)]);

test("the cases that hold for the server, too", () => {
  assert.ok(given.cases.length > 30);
  for (const [text = "", language = "", expected] of given.cases) assert.equal(interpolate(text, values, { language }), expected, text);
});

test("names are found in every form", () => {
  assert.deepEqual(namesIn("$a ${b:csv} [[c]] ${d.e} $a ${__from:date:YYYY-MM}"), ["a", "b", "c", "d", "__from"]);
});
