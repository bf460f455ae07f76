// A trace in other forms: Markdown, a test, TraceQL.
import { duration, nsToMs } from "./format";
import { quotedText } from "./trace_form";
import { durationOf, nameOf, serviceOf, type TraceData } from "./trace_model";
import { operationsOf, rowsOf, type Tree } from "./trace_tree";

const TREE_ROWS = 40;
const TREE_PARENTS = 8;

/** The query that finds traces of the same root. */
export function sameEndpoint(trace: TraceData): string {
  return spanQuery(trace.root_service, trace.root_name);
}

/** The query that finds spans of a service and operation. */
export function spanQuery(service: string, name: string): string {
  return `{ resource.service.name = ${quotedText(service)} && name = ${quotedText(name)} }`;
}

/** For an issue or a chat: what it is, what took long, what failed, and the tree. */
export function markdownOf(trace: TraceData, tree: Tree, url: string): string {
  const at = new Date(nsToMs(trace.start_ns)).toISOString();
  const lines = [
    `### ${trace.root_service}: ${trace.root_name}`,
    "",
    `[Trace ${trace.trace_id}](${url}) · ${duration(trace.duration_ns)} · ${trace.span_count} spans · ${trace.error_count} errors · ${at}`,
    "",
    "| Service | Operation | Spans | Own time | Errors |",
    "| --- | --- | ---: | ---: | ---: |",
    ...operationsOf(trace, tree)
      .slice(0, 8)
      .map((row) => `| ${cell(row.service)} | ${cell(row.name)} | ${row.count} | ${duration(row.self)} | ${row.errors || ""} |`),
    "",
    "```",
    ...rowsOf(tree, new Set())
      .slice(0, TREE_ROWS)
      .map((place) => `${"  ".repeat(tree.depths[place] ?? 0)}${serviceOf(trace, place)}: ${nameOf(trace, place)}  ${duration(durationOf(trace, place))}${tree.isError[place] ? "  ERROR" : ""}`),
    ...(trace.span_count > TREE_ROWS ? [`… ${trace.span_count - TREE_ROWS} more`] : []),
    "```",
  ];
  return `${lines.join("\n")}\n`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s*[\r\n]+\s*/g, " ");

/** A test that expects a trace of this form. */
export function pytestOf(trace: TraceData, tree: Tree): string {
  const name = `${trace.root_service} ${trace.root_name}`.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  const parents = rowsOf(tree, new Set()).filter((place) => (tree.children[place]?.length ?? 0) > 0);
  const trees = parents.slice(0, TREE_PARENTS).map((place) => `    trace.expect_tree(${python(`${nameOf(trace, place)} > ${childrenOf(trace, tree, place)}`)})`);
  const slowest = operationsOf(trace, tree)[0];
  const bound = slowest ? Math.max(1, Math.ceil((slowest.longest / 1e6) * 1.5)) : 1;
  return `${[
    `def test_${name || "trace"}(appliance, client):`,
    "    ...  # make the request",
    `    trace = appliance.traces.expect(service=${python(trace.root_service)}, name=${python(trace.root_name)}, within=2)`,
    ...new Set(trees),
    ...(slowest ? [`    assert trace.span(${python(slowest.name)}).duration_ms < ${bound}`] : []),
    ...(trace.error_count ? [] : ["    assert appliance.errors == []"]),
  ].join("\n")}\n`;
}

function childrenOf(trace: TraceData, tree: Tree, place: number): string {
  const counts = new Map<string, number>();
  for (const child of tree.children[place] ?? []) counts.set(nameOf(trace, child), (counts.get(nameOf(trace, child)) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} x${count}`).join(", ");
}

/** A string of Python. */
function python(text: string): string {
  return JSON.stringify(text);
}
