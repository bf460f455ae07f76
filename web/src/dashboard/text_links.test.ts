import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter, printFilter, withFilters } from "./adhoc";
import { csvOf } from "./csv";
import { joined, plainLink, safeUrl, valueLinks } from "./data_links";
import { PLAIN } from "./field_config";
import { type DataFrame, field } from "./frames";
import { markdown } from "./safe_html";
import type { Link } from "./types";

const link = (url: string, more: Partial<Link> = {}): Link => ({ title: "", url, kind: "link", tooltip: "", icon: "", tags: [], asDropdown: false, includeVariables: false, keepTime: false, targetBlank: false, ...more });

test("only addresses that a page may open", () => {
  assert.equal(safeUrl("javascript:alert(1)"), "");
  assert.equal(safeUrl(" data:text/html,x"), "");
  assert.equal(safeUrl("d/abc"), "/d/abc");
  assert.equal(safeUrl("https://example.org/x"), "https://example.org/x");
});

test("links keep the time and the variables when they are to", () => {
  const search = "?from=now-6h&to=now&var-job=a&var-job=b&viewPanel=3";
  assert.equal(plainLink(link("/d/x?y=$job", { keepTime: true }), new Map([["job", { values: ["a"] }]]), search)?.href, "/d/x?y=a&from=now-6h&to=now");
  assert.equal(plainLink(link("/d/x", { includeVariables: true }), new Map(), search)?.href, "/d/x?var-job=a&var-job=b");
  assert.equal(joined("/x", ""), "/x");
});

test("links of values know the row, the labels, the window", () => {
  const url = "/d/pod?var-pod=${__data.fields.pod}&v=${__value.raw}&l=${__field.labels.job}&${__url_time_range}";
  const frame: DataFrame = { refId: "A", name: "A", kind: "table", fields: [field("pod", "string", ["p1", "p2"]), { ...field("Value", "number", [1, 2], { job: "api" }), options: { ...PLAIN, links: [link(url)] } }] };
  const [found] = valueLinks(frame.fields[1] ?? field("", "number", []), frame, { row: 1, text: "2", values: new Map(), search: "?from=1&to=2" });
  assert.equal(found?.href, "/d/pod?var-pod=p2&v=2&l=api&from=1&to=2");
});

test("filters become matchers of every selector", async () => {
  const filters = [{ name: "job", operator: "=", value: 'a"b' }];
  assert.equal(withFilters("sum(rate(x[5m])) / y{a=\"}\"}", filters, "promql"), 'sum(rate(x{job="a\\"b"}[5m])) / y{a="}", job="a\\"b"}');
  assert.equal(withFilters('{app="x"} |= "y"', filters, "logql"), '{app="x", job="a\\"b"} |= "y"');
  assert.equal(withFilters("up", [{ name: "job", operator: "=|", value: "a|b.c" }], "promql"), 'up{job=~"a|b\\\\.c"}');
  const odd = { name: "a", operator: "=|", value: "b|c" };
  assert.deepEqual(parseFilter(printFilter(odd)), odd);
  assert.equal(parseFilter("nothing"), null);
});

test("CSV has series side by side, texts quoted", () => {
  const series = (name: string): DataFrame => ({ refId: "A", name, kind: "series", fields: [field("Time", "time", [0, 1000]), field("Value", "number", [1, null], {}, name)] });
  assert.equal(csvOf([series("a"), series('b "x", y')]), 'Time,a,"b ""x"", y"\r\n1970-01-01T00:00:00.000Z,1,1\r\n1970-01-01T00:00:01.000Z,,');
});

test("Markdown: headings, lists, tables, code, links, emphasis", () => {
  assert.equal(markdown("# Title\n\ntext **bold** `a*b*c` [x](/y)"), '<h1>Title</h1>\n<p>text <strong>bold</strong> <code>a*b*c</code> <a href="/y">x</a></p>');
  assert.equal(markdown("- a\n- b\n  - c"), "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>");
  assert.equal(markdown("|a|b|\n|---|---|\n|1|2|"), "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>");
  assert.equal(markdown("```\n<b>\n```"), "<pre><code>&lt;b&gt;</code></pre>");
});

test("no Markdown keeps the page busy", () => {
  const size = 200_000;
  for (const piece of [">", "> ", "**a ", "_a ", "__a ", "~~a ", "[", "[a](", "![", "`a", "`", "# ", "|", "a|b\n-|-\n", "- ", "<a ", "http://a ", "*"]) {
    const began = performance.now();
    markdown(piece.repeat(size / piece.length));
    assert.ok(performance.now() - began < 4000, JSON.stringify(piece));
  }
  const nested = Array.from({ length: 500 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n");
  assert.ok(markdown(nested).includes("- a"));
  assert.equal(markdown("`a` and ``b`c``"), "<p><code>a</code> and <code>b`c</code></p>");
});
