// A query of a runbook: run in place, or opened in its explorer.
import { useState } from "preact/hooks";
import { count } from "../data/format";
import { queryError } from "../data/query_error";
import { ask, type Result } from "../dashboard/queries";
import { type DataFrame, rowsOf } from "../dashboard/frames";
import type { Language, Target } from "../dashboard/types";
import { Highlighted } from "../editor/highlight";
import { copyText } from "../parts/clipboard";
import { useLoad } from "../parts/hooks";
import { Icon } from "../parts/icon";
import { Notice } from "../parts/notice";
import { now } from "../state/time";

export interface QueryProps {
  language: "promql" | "logql" | "traceql";
  /** As written, with comments. */
  text: string;
  query: string;
}

const EXPLORERS = { promql: ["/metrics", "g0.expr"], logql: ["/logs", "q"], traceql: ["/traces", "q"] } as const;
const HOUR_MS = 3_600_000;
const MOST = 20;

export function Query({ language, text, query }: QueryProps) {
  const [runs, setRuns] = useState(0);
  const { data, error, isLoading } = useLoad(runs ? (signal) => ask(ready(language, query), signal) : null, [runs]);
  const [path, parameter] = EXPLORERS[language];
  const extra = language === "promql" ? "&g0.tab=graph" : "";
  return (
    <>
      <div class="runnable-text">
        <Highlighted language={language} text={text} />
      </div>
      <div class="toolbar runnable-tools">
        <button type="button" class="tool" onClick={() => setRuns(runs + 1)}>
          <Icon name="play" />
          {runs ? "Run again" : "Run"}
        </button>
        <a class="tool quiet" href={`${path}?${parameter}=${encodeURIComponent(query)}${extra}`}>
          <Icon name="open" />
          Open
        </a>
        <button type="button" class="tool quiet" onClick={() => void copyText(query, "query")}>
          <Icon name="copy" />
          Copy
        </button>
      </div>
      {isLoading && runs ? <div class="loading-line" /> : null}
      {error ? <Notice kind="error">{queryError(query, error).message}</Notice> : null}
      {data ? <Answer result={data} isStale={error !== null} /> : null}
    </>
  );
}

/** The last hour, or the present where one value is enough. */
function ready(language: QueryProps["language"], expr: string): Parameters<typeof ask>[0] {
  const end = now();
  const isMetric = language === "promql" || /^\s*(topk|bottomk|sum|avg|min|max|count|rate|[a-z_]+_over_time|sort|sort_desc|quantile|absent)\b/.test(expr);
  const target = { refId: "A", language: language as Language, instant: isMetric, range: !isMetric, format: isMetric ? "table" : "logs", limit: MOST, direction: "" } as Target;
  return { target, expr, legend: "", window: { start: end - HOUR_MS, end }, stepMs: 60_000, points: 100 };
}

function Answer({ result, isStale }: { result: Result; isStale: boolean }) {
  const [frame] = result.frames;
  if (!frame || !rowsOf(frame)) return <p class="runnable-none">Nothing found{frame?.kind === "logs" || frame?.kind === "traces" ? " in the last hour" : ""}.</p>;
  return (
    <div class="table-scroll" data-stale={isStale || undefined}>
      {frame.kind === "logs" ? <Lines frame={frame} /> : <Table frame={frame} />}
      {rowsOf(frame) > MOST ? <p class="runnable-none">The first {MOST} of {count(rowsOf(frame))}.</p> : null}
    </div>
  );
}

function Lines({ frame }: { frame: DataFrame }) {
  const [times, lines] = frame.fields;
  return (
    <ol class="runnable-lines">
      {lines?.values.slice(0, MOST).map((line, i) => (
        <li key={i}>
          <time>{new Date(Number(times?.values[i])).toLocaleTimeString()}</time> {String(line)}
        </li>
      ))}
    </ol>
  );
}

function Table({ frame }: { frame: DataFrame }) {
  const fields = frame.fields.filter(({ type }) => type !== "time" || frame.kind === "traces").filter(({ type }) => type !== "other");
  const rows = Array.from({ length: Math.min(MOST, rowsOf(frame)) }, (_, i) => i);
  return (
    <table class="table">
      <thead>
        <tr>
          {fields.map(({ name, type }) => (
            <th key={name} scope="col" class={type === "number" ? "number" : undefined}>
              {name.startsWith("Value") ? "Value" : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {fields.map(({ name, type, values }) => (
              <td key={name} class={type === "number" ? "number" : "mono"}>
                <Cell name={name} type={type} value={values[row]} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ name, type, value }: { name: string; type: string; value: unknown }) {
  if (name === "Trace ID") return <a href={`/traces/${String(value)}`}>{String(value).slice(0, 16)}</a>;
  if (type === "time") return <>{new Date(Number(value)).toLocaleTimeString()}</>;
  if (typeof value === "number") return <>{Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value)}</>;
  return <>{value === null ? "" : String(value)}</>;
}
