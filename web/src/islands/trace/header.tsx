// What the trace is in short, and what can be done with all of it.
import { useMemo } from "preact/hooks";
import { count, duration, nsToMs } from "../../data/format";
import { markdownOf, pytestOf, sameEndpoint } from "../../data/trace_copy";
import { printTime } from "../../data/time_range";
import { copyText } from "../../parts/clipboard";
import { CopyAs, type CopyForm } from "../../parts/copy_as";
import { Icon } from "../../parts/icon";
import { Menu } from "../../parts/menu";
import { link } from "../../state/address";
import { useTime } from "../../state/time";
import type { View } from "./state";

export function Facts({ view }: { view: View }) {
  const { trace } = view;
  const { zone } = useTime();
  const at = nsToMs(trace.start_ns);
  const versions = Object.entries(trace.versions).flatMap(([service, found]) => found.map((version) => `${service} ${version}`));
  return (
      <dl class="trace-facts-list">
        <Fact name="Duration" value={duration(trace.duration_ns)} isStrong />
        <Fact name="Spans" value={count(trace.span_count)} />
        <div data-bad={trace.error_count > 0 || undefined}>
          <dt>Errors</dt>
          <dd>{count(trace.error_count)}</dd>
        </div>
        <div>
          <dt>Start</dt>
          <dd>
            <time dateTime={new Date(at).toISOString()}>
              {printTime(at - (at % 1000), zone)}.{String(at % 1000).padStart(3, "0")}
            </time>
          </dd>
        </div>
        {versions.length ? <Fact name={versions.length === 1 ? "Version" : "Versions"} value={versions.slice(0, 3).join(", ") + (versions.length > 3 ? `, ${versions.length - 3} more` : "")} /> : null}
        <div>
          <dt>Trace id</dt>
          <dd>
            <button type="button" class="id-button" title="Copy the id" onClick={() => void copyText(trace.trace_id, "trace id")}>
              {trace.trace_id}
            </button>
          </dd>
        </div>
      </dl>
  );
}

function Fact({ name, value, isStrong = false }: { name: string; value: string; isStrong?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{isStrong ? <strong>{value}</strong> : value}</dd>
    </div>
  );
}

export function Actions({ view: { trace, tree } }: { view: View }) {
  const path = `/api/ui/traces/${trace.trace_id}/export`;
  const query = sameEndpoint(trace);
  const forms: CopyForm[] = useMemo(
    () => [
      { name: "Link", text: () => location.href },
      { name: "curl", text: () => `curl ${location.origin}/api/v2/traces/${trace.trace_id}` },
      { name: "TraceQL", text: () => `{ trace:id = "${trace.trace_id}" }` },
      { name: "Test (pytest)", text: () => pytestOf(trace, tree) },
      { name: "Markdown", text: () => markdownOf(trace, tree, `${location.origin}${location.pathname}`) },
    ],
    [trace],
  );
  const downloads = [
    ["otlp", "OTLP JSON"],
    ["jaeger", "Jaeger JSON"],
    ["tempo", "Tempo JSON"],
    ["zipkin", "Zipkin JSON"],
  ] as const;
  return (
    <div class="toolbar">
      {trace.has_root ? (
        <a class="tool" href={link("/traces", { q: query, from: "now-1h", to: null })}>
          Same endpoint, last hour
        </a>
      ) : null}
      <a class="tool" href={link("/traces/compare", { a: trace.trace_id })}>
        <Icon name="compare" />
        <span>Compare</span>
      </a>
      <Menu label="Download" items={downloads.map(([form, label]) => ({ label, href: `${path}?format=${form}`, download: "" }))}>
        <Icon name="download" />
        <span class="tool-text">Download</span>
      </Menu>
      <CopyAs forms={forms} />
    </div>
  );
}
