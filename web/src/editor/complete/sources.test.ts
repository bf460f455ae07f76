// What the sources ask of the server, and what they make of its answers.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Suggestions } from "../source";
import { completeLogql } from "./logql";
import { completePromql } from "./promql";
import { forget } from "./server";
import { completeTraceql } from "./traceql";

const RANGE = { start: 1_700_000_010_000, end: 1_700_003_610_000 };
type Complete = typeof completePromql;

let asked: string[] = [];

/** Answers by the start of the path; whatever is not there is a refusal. */
function serve(answers: Record<string, unknown>): void {
  asked = [];
  globalThis.fetch = async (input, init) => {
    init?.signal?.throwIfAborted();
    const address = decodeURIComponent(String(input)).replaceAll("+", " ");
    asked.push(address);
    const found = Object.entries(answers).find(([path]) => address.startsWith(path));
    return found ? Response.json(found[1]) : new Response("parse error", { status: 400 });
  };
}

function complete(source: Complete, marked: string, signal = new AbortController().signal): Promise<Suggestions | null> {
  return source(marked.replace("▮", ""), marked.indexOf("▮"), true, { range: RANGE, signal });
}

function labels(found: Suggestions | null): string[] {
  return found?.options.map(({ label }) => label) ?? [];
}

beforeEach(forget);

test("metrics come with type and help, those where a word of the name fits first", async () => {
  serve({ "/api/v1/label/__name__/values": { data: ["rated", "http_ratio", "up"] }, "/api/v1/metadata": { data: { http_ratio: [{ type: "gauge", help: "Share.", unit: "" }] } } });
  const found = await complete(completePromql, "rat▮");
  assert.deepEqual(labels(found).slice(0, 5), ["rate", "rated", "http_ratio", "limit_ratio", "irate"]);
  assert.deepEqual(found?.options.find(({ label }) => label === "http_ratio"), { label: "http_ratio", kind: "metric", detail: "gauge", info: "Share." });
});

test("every question has a limit and the window, and is asked once a minute", async () => {
  serve({ "/api/v1/label/job/values": { data: ["api"] } });
  for (let i = 0; i < 3; i++) await complete(completePromql, 'up{job="▮"}');
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /start=1700000010&end=1700003610&limit=1000&match\[\]=\{__name__="up"\}$/);
});

test("of more values than the limit the server is asked for those with the word", async () => {
  serve({ "/api/v1/label/job/values": { data: ["api"], warnings: ["results truncated due to limit"] } });
  await complete(completePromql, 'up{job="a.b▮"}');
  assert.match(asked[1] ?? "", /job=~"\(\?i\)\.\*a\\\\\.b\.\*"\}$/);
});

test("values are written with the quotes they need", async () => {
  serve({ "/api/v1/label/job/values": { data: ['a"b'] }, "/loki/api/v1/label/job/values": { data: ["x"] } });
  assert.deepEqual((await complete(completePromql, "up{job=▮}"))?.options[0]?.insert, ['"a\\"b"', ""]);
  const quoted = await complete(completePromql, "up{job='▮'}");
  assert.deepEqual([quoted?.options[0]?.insert, quoted?.from, quoted?.to], [["a\"b'", ""], 8, 9]);
  assert.deepEqual((await complete(completeLogql, '{job="▮'))?.options[0]?.insert, ['x"', ""]);
});

test("fields of logs are looked for in the query, or else in its selector", async () => {
  const fields = { fields: [{ label: "status", type: "int", cardinality: 1 }] };
  serve({ '/loki/api/v1/detected_fields?start=1700000010000000000&end=1700003610000000000&limit=200&line_limit=500&query={a="b"}': fields });
  const found = await complete(completeLogql, '{a="b"} | json | sta▮');
  assert.deepEqual(found?.options[0], { label: "status", kind: "field", detail: "int", info: "1 different value in the newest lines." });
  assert.match(asked[0] ?? "", /query=\{a="b"\} \| json$/);
});

test("a refusal leaves the words of the language", async () => {
  serve({});
  assert.deepEqual(labels(await complete(completePromql, "absent_o▮")), ["absent_over_time"]);
  assert.deepEqual(labels(await complete(completeLogql, '{a="b"} | unp▮')), ["unpack"]);
  assert.deepEqual(labels(await complete(completeTraceql, "{ resource▮")), ["resource."]);
});

test("attributes of traces have their scope, values their type", async () => {
  serve({ "/api/v2/search/tags": { scopes: [{ name: "span", tags: ["http.method", "a b"] }, { name: "intrinsic", tags: ["name"] }] }, "/api/v2/search/tag/": { tagValues: [{ type: "int", value: "200" }] } });
  assert.deepEqual(labels(await complete(completeTraceql, "{ span.▮")), ["span.http.method", 'span."a b"']);
  const values = await complete(completeTraceql, '{ name = "x" && span.code = ▮ }');
  assert.deepEqual(values?.options[0]?.insert, ["200", ""]);
  assert.match(asked[1] ?? "", /tag\/span\.code\/values\?.*limit=200&q=\{ name = "x" \}$/);
});

test("a question that nobody waits for is an abort, not an empty list", async () => {
  serve({});
  const abort = new AbortController();
  abort.abort();
  await assert.rejects(complete(completePromql, "up{▮", abort.signal));
});
