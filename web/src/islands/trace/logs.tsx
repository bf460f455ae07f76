// Log lines that belong to the trace: by its id in their metadata, labels or text.
import { get } from "../../data/api";
import { clock, duration } from "../../data/format";
import { severity, takeApart } from "../../data/line";
import { nsToMs } from "../../data/format";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { LineText } from "../../parts/line_text";
import { Empty, Notice } from "../../parts/notice";
import { link } from "../../state/address";
import { since } from "./path";
import type { TraceState, View } from "./state";
import { traceWindow } from "./window";

interface Entry {
  timestamp_ns: string;
  labels: Record<string, string>;
  metadata: Record<string, string>;
  line: string;
  via: string;
}

interface TraceLogs {
  query: string;
  is_partial: boolean;
  entries: Entry[];
}

const LIMIT = 500;

export function LogsTab({ view, state }: { view: View; state: TraceState }) {
  const { trace } = view;
  const { data, error, isLoading } = useLoad((signal) => get<TraceLogs>(`/api/ui/correlate/traces/${trace.trace_id}/logs`, { limit: LIMIT }, signal), [], trace.trace_id);
  if (error) return <Notice kind="error">The logs could not be loaded: {error}</Notice>;
  if (!data) return <section class="panel">{isLoading ? <div class="loading-line" /> : null}</section>;
  if (!data.entries.length) return <NoLogs query={data.query} view={view} />;
  const places = new Map(trace.ids.map((id, place) => [id, place] as const));
  return (
    <section class="panel" aria-label="Logs of the trace">
      <div class="panel-head">
        <h2>
          {data.entries.length} {data.entries.length === 1 ? "line" : "lines"}
          {data.is_partial ? ` (the first ${LIMIT} of more)` : ""}
        </h2>
        <a href={link("/logs", { q: data.query, ...traceWindow(trace) })}>Open in Logs</a>
      </div>
      <ol class="trace-logs">
        {data.entries.map((entry, i) => (
          <Line key={i} entry={entry} view={view} place={places.get(spanOf(entry))} onJump={state.jump} />
        ))}
      </ol>
    </section>
  );
}

function spanOf({ metadata, labels }: Entry): string {
  return (metadata.span_id ?? metadata.spanid ?? labels.span_id ?? "").toLowerCase();
}

function Line({ entry, view, place, onJump }: { entry: Entry; view: View; place: number | undefined; onJump: (place: number) => void }) {
  const line = takeApart(entry.line);
  const level = entry.metadata.detected_level || entry.labels.level || entry.labels.detected_level || line.level;
  const kind = severity(level);
  const service = entry.labels.service_name ?? entry.labels.service ?? entry.labels.job ?? "";
  const at = nsToMs(entry.timestamp_ns);
  const offset = since(view.trace.start_ns, entry.timestamp_ns);
  return (
    <li data-severity={kind}>
      <time dateTime={new Date(at).toISOString()} title={clock(at)}>
        {offset < 0 ? "−" : "+"}
        {duration(Math.abs(offset))}
      </time>
      <span class="level">{kind === "none" ? "" : kind}</span>
      <span class="trace-log-service">
        <span class="service-dot" data-color={view.colors.get(service)} aria-hidden="true" />
        {service || "unknown"}
      </span>
      <span class="trace-log-text">
        <LineText line={line} />
      </span>
      {place === undefined ? (
        <span />
      ) : (
        <button type="button" class="tool quiet" title="Show the span in the waterfall" onClick={() => onJump(place)}>
          <Icon name="traces" />
          Span
        </button>
      )}
    </li>
  );
}

function NoLogs({ query, view }: { query: string; view: View }) {
  return (
    <section class="panel">
      <Empty title="No log line has the id of this trace" command={`{"trace_id":"${view.trace.trace_id}","msg":"…"}`} commandTitle="a line that belongs to it">
        Lines belong to a trace when its id is in their text, a label, or the metadata <code>trace_id</code>. OpenTelemetry's log exporters set it by themselves. <a href={link("/logs", { q: query, ...traceWindow(view.trace) })}>Look in Logs</a>
      </Empty>
    </section>
  );
}
