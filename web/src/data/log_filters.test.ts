import assert from "node:assert/strict";
import { test } from "node:test";
import { levelFilter, withField, withLevel, withPattern } from "./log_filters";
import { isMetric, masked, matchersOf, pipelineOf, selectorOf } from "./logql_text";

const label = (name: string, value: string) => ({ name, value, origin: "label" as const });
const meta = (name: string, value: string) => ({ name, value, origin: "metadata" as const });
const parsed = (name: string, value: string, parser?: string) => ({ name, value, origin: "parsed" as const, parser });

test("masking keeps places", () => {
  const text = '{a="}|"} |= `x { "` # "why\n | json';
  assert.equal(masked(text).length, text.length);
  assert.deepEqual(pipelineOf(text)?.stages.map((stage) => stage.text.split("\n")[0]?.trim()), ["|= `x { \"`", "| json"]);
  assert.equal(selectorOf(text), '{a="}|"}');
});

test("stages are told from operators", () => {
  const stages = (text: string) => pipelineOf(text)?.stages.map((stage) => stage.text);
  assert.deepEqual(stages('{a="b"} != "x" |~ "y" | json | ms != 5 | level!~"i.*"'), ['!= "x"', '|~ "y"', "| json", "| ms != 5", '| level!~"i.*"']);
  assert.deepEqual(stages('{a="b"} | json != "x"'), ["| json", '!= "x"']);
  assert.deepEqual(stages('{a="b"} | (a="1" or b!="2") |> `<_> x`'), ['| (a="1" or b!="2")', "|> `<_> x`"]);
  assert.deepEqual(stages('sum(rate({a="b"} | json | unwrap ms [5m]))'), ["| json", "| unwrap ms"]);
});

test("metric queries are told from log queries", () => {
  for (const text of ['rate({a="b"}[5m])', 'sum by (x) (count_over_time({a="b"} |= "{" [1m]))', "(sum(rate({a=\"b\"}[5m])) / 2)"]) assert.equal(isMetric(text), true, text);
  for (const text of ['{a="b"}', '# rate\n{a="b"} |= "rate("', "", '({a="b"} | json)']) assert.equal(isMetric(text), false, text);
});

test("labels of streams become matchers", () => {
  const all = '{service_name=~".+"}';
  const one = withField(all, label("service_name", "shop"), false);
  assert.equal(one, '{service_name="shop"}');
  assert.equal(withField(one, label("service_name", "billing"), false), '{service_name="billing"}');
  assert.equal(withField(one, label("env", "prod"), false), '{service_name="shop", env="prod"}');
  assert.equal(withField(all, label("service_name", "shop"), true), '{service_name=~".+", service_name!="shop"}');
  assert.equal(withField(one, label("service_name", "shop"), true), '{service_name=~".+", service_name!="shop"}');
  const without = withField(all, label("service_name", "shop"), true);
  assert.equal(withField(without, label("service_name", "shop"), true), without);
  assert.equal(withField('{a="x, }y"} |= "z"', label("b", 'q"r'), false), '{a="x, }y", b=`q"r`} |= "z"');
});

test("metadata and fields become stages", () => {
  assert.equal(withField('{a="b"}', meta("pod", "p-1"), false), '{a="b"} | pod="p-1"');
  assert.equal(withField('{a="b"} | pod="p-1"', meta("pod", "p-2"), false), '{a="b"} | pod="p-2"');
  assert.equal(withField('{a="b"} | pod="p-1"', meta("pod", "p-1"), false), '{a="b"} | pod="p-1"');
  assert.equal(withField('{a="b"} | pod = "p-1"', meta("pod", "p-1"), true), '{a="b"} | pod!="p-1"');
  assert.equal(withField('{a="b"} | pod!="p-1"', meta("pod", "p-2"), true), '{a="b"} | pod!="p-1" | pod!="p-2"');
  assert.equal(withField('{a="b"}', parsed("ms", "5", "json"), false), '{a="b"} | json | ms="5"');
  assert.equal(withField('{a="b"} | json | x="y"', parsed("ms", "5", "json"), true), '{a="b"} | json | x="y" | ms!="5"');
  assert.equal(withField('{a="b"} | json level="level"', parsed("ms", "5", "json"), false), '{a="b"} | json level="level" | json | ms="5"');
  assert.equal(withField('{a="b"} | pattern `<x>`', parsed("x", "y"), false), '{a="b"} | pattern `<x>` | x="y"');
});

test("filters go into metric queries, before unwrap", () => {
  assert.equal(withField('sum(rate({a="b"}[5m]))', meta("pod", "p"), false), 'sum(rate({a="b"} | pod="p"[5m]))');
  assert.equal(withField('sum_over_time({a="b"} | json | unwrap ms [5m])', parsed("x", "y", "json"), false), 'sum_over_time({a="b"} | json | x="y" | unwrap ms [5m])');
});

test("levels toggle", () => {
  const error = withLevel('{a="b"} |= "x"', "error", false, false);
  assert.equal(error, '{a="b"} |= "x" | detected_level="error"');
  assert.deepEqual(levelFilter(error), { level: "error", isExcluded: false });
  assert.equal(withLevel(error, "error", false, false), '{a="b"} |= "x"');
  assert.equal(withLevel(error, "critical", true, false), '{a="b"} |= "x" | detected_level!~"critical|fatal"');
  const numbers = withLevel('{a="b"}', "info", false, true);
  assert.equal(numbers, '{a="b"} | json level="level" | detected_level="info" or level="30"');
  assert.deepEqual(levelFilter(numbers), { level: "info", isExcluded: false });
  assert.equal(withLevel(numbers, "info", false, true), '{a="b"}');
  assert.equal(levelFilter('{a="b"}'), null);
});

test("patterns are put behind the filters of lines", () => {
  assert.equal(withPattern('{a="b"} |= "x" | json', "<_> took <_>", false), '{a="b"} |= "x" |> "<_> took <_>" | json');
  assert.equal(withPattern('{a="b"}', 'say "<_>"', true), '{a="b"} !> `say "<_>"`');
});

test("matchers are read", () => {
  const text = '{ a = "x" , b=~`y.*`,c!="z"}';
  const pipeline = pipelineOf(text);
  assert.ok(pipeline);
  assert.deepEqual(matchersOf(text, pipeline).map(({ name, op, literal }) => [name, op, literal]), [["a", "=", '"x"'], ["b", "=~", "`y.*`"], ["c", "!=", '"z"']]);
});
