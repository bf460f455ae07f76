import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownOf, pytestOf, sameEndpoint } from "./trace_copy";
import type { TraceData } from "./trace_model";
import { treeOf } from "./trace_tree";

const TRACE: TraceData = {
  trace_id: "ab", root_service: "shop", root_name: "POST /pay", has_root: true, start_ns: "1700000000000000000", duration_ns: 40e6, span_count: 4, error_count: 1,
  service_counts: [["shop", 2, 0], ["db", 2, 1]], total: 4, texts: ["shop", "db", "POST /pay", "charge|card", "SELECT"],
  ids: ["1", "2", "3", "4"], parents: [-1, 0, 1, 1], services: [0, 0, 1, 1], names: [2, 3, 4, 4], kinds: [2, 1, 3, 3],
  starts: [0, 1e6, 2e6, 10e6], durations: [40e6, 30e6, 5e6, 10e6], errors: [3], orphans: [], extras: {}, versions: {},
};

test("Markdown says what took long and draws the tree", () => {
  const text = markdownOf(TRACE, treeOf(TRACE), "http://h/traces/ab");
  assert.match(text, /^### shop: POST \/pay\n/);
  assert.match(text, /\[Trace ab\]\(http:\/\/h\/traces\/ab\) · 40 ms · 4 spans · 1 errors · 2023-11-14T22:13:20.000Z/);
  assert.match(text, /\| shop \| charge\\\|card \| 1 \| 15 ms \|  \|/);
  assert.match(text, /\n    db: SELECT  10 ms  ERROR\n/);
});

test("a test expects the root and what is below each span", () => {
  const text = pytestOf(TRACE, treeOf(TRACE));
  assert.match(text, /^def test_shop_post_pay\(appliance, client\):\n/);
  assert.match(text, /appliance\.traces\.expect\(service="shop", name="POST \/pay", within=2\)/);
  assert.match(text, /trace\.expect_tree\("charge\|card > SELECT x2"\)/);
  assert.doesNotMatch(text, /appliance\.errors/);
});

test("the same endpoint is a query", () => {
  assert.equal(sameEndpoint(TRACE), '{ resource.service.name = "shop" && name = "POST /pay" }');
});
