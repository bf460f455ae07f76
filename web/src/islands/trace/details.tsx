// All that is known of one span, and where it leads.
import type { ComponentChildren } from "preact";
import { get } from "../../data/api";
import { duration, nsToMs } from "../../data/format";
import { type Pair, type SpanDetails, textOf, traceqlValue, valueOf } from "../../data/otlp_value";
import { printTime } from "../../data/time_range";
import { spanQuery } from "../../data/trace_copy";
import { attributeName } from "../../data/trace_form";
import { durationOf, KINDS, nameOf, serviceOf, startOf, type TraceData } from "../../data/trace_model";
import { selfTime } from "../../data/trace_tree";
import { around } from "../../data/trace_zoom";
import { CopyAs } from "../../parts/copy_as";
import { FieldRow } from "../../parts/field_value";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";
import { link } from "../../state/address";
import { useTime } from "../../state/time";
import { Events, Links } from "./events";
import { onPath, type Section } from "./path";
import type { TraceState, View } from "./state";
import { traceWindow } from "./window";

export function Details({ view, state, place, sections }: { view: View; state: TraceState; place: number; sections: readonly Section[] | undefined }) {
  const { trace } = view;
  const id = trace.ids[place] ?? "";
  const { data, error, isLoading } = useLoad((signal) => get<{ spans: SpanDetails[] }>(`/api/ui/traces/${trace.trace_id}/spans/${id}`, {}, signal), [], id);
  const found = data && pick(data.spans, trace, place);
  return (
    <aside class="span-details" aria-label="Span details">
      <div class="span-details-head">
        <span class="span-mark" data-color={view.colors.get(serviceOf(trace, place))} aria-hidden="true" />
        <div class="span-details-title">
          <h2>{nameOf(trace, place) || "(no name)"}</h2>
          <a href={link(`/services/${encodeURIComponent(serviceOf(trace, place))}`, traceWindow(trace))}>{serviceOf(trace, place) || "unknown"}</a>
        </div>
        <button type="button" class="icon-button" aria-label="Close the details" title="Close (Esc)" onClick={() => state.select(-1)}>
          <Icon name="close" />
        </button>
      </div>
      <Ways view={view} state={state} place={place} details={found} />
      {view.tree.isError[place] ? <Notice kind="error">{found?.span.status?.message || trace.extras[place]?.message || "The span's status is an error."}</Notice> : null}
      <Timing view={view} place={place} sections={sections} />
      {error ? <Notice kind="error">The details could not be loaded: {error}</Notice> : null}
      {isLoading && !found ? <div class="loading-line" /> : null}
      {found ? <Said trace={trace} place={place} details={found} /> : null}
    </aside>
  );
}

/** Of spans that share an id, the one at this place. */
function pick(spans: readonly SpanDetails[], trace: TraceData, place: number): SpanDetails | null {
  return spans.find(({ span }) => (span.kind ?? 0) === trace.kinds[place] && (span.name ?? "") === nameOf(trace, place)) ?? spans[0] ?? null;
}

function Ways({ view: { trace }, state, place, details }: { view: View; state: TraceState; place: number; details: SpanDetails | null }) {
  const service = serviceOf(trace, place);
  const query = spanQuery(service, nameOf(trace, place));
  const id = trace.ids[place] ?? "";
  const window = traceWindow(trace);
  const logs = `{service_name=${JSON.stringify(service)}} | span_id=\`${id}\` or trace_id=\`${trace.trace_id}\``;
  return (
    <div class="toolbar span-ways">
      <button type="button" class="tool" title="Zoom to the span (z)" onClick={() => state.setZoom(around(startOf(trace, place), durationOf(trace, place), trace.duration_ns))}>
        <Icon name="expand" />
        Zoom
      </button>
      <a class="tool" href={link("/logs", { q: logs, ...window })}>
        <Icon name="logs" />
        Logs
      </a>
      <a class="tool" href={link("/traces", { q: query, from: "now-1h", to: null })} title="This operation in the last hour">
        <Icon name="traces" />
        Same operation
      </a>
      <a class="tool" href={link(`/services/${encodeURIComponent(service)}`, window)}>
        <Icon name="metrics" />
        Service
      </a>
      <CopyAs
        forms={[
          { name: "Link to the span", text: () => `${location.origin}${location.pathname}?span=${id}` },
          { name: "Span id", text: () => id },
          { name: "TraceQL", text: () => query },
          { name: "JSON", text: () => JSON.stringify(details, null, 2) },
        ]}
      />
    </div>
  );
}

function Timing({ view, place, sections }: { view: View; place: number; sections: readonly Section[] | undefined }) {
  const { trace, tree } = view;
  const { zone } = useTime();
  const took = durationOf(trace, place);
  const start = startOf(trace, place);
  const at = nsToMs(trace.start_ns) + start / 1e6;
  const own = selfTime(trace, tree, place);
  const share = trace.duration_ns ? (took / trace.duration_ns) * 100 : 100;
  const path = onPath(sections);
  return (
    <dl class="span-timing">
      <Fact name="Duration">
        {duration(took)} <span class="quiet-text">{share < 1 ? "<1" : Math.round(share)} % of the trace</span>
      </Fact>
      <Fact name="Own time">
        {duration(own)} <span class="quiet-text">{took ? Math.round((own / took) * 100) : 100} %</span>
      </Fact>
      <Fact name="Start">
        +{start ? duration(start) : "0 ms"} <span class="quiet-text">{printTime(Math.floor(at / 1000) * 1000, zone).slice(11)}.{String(Math.floor(at) % 1000).padStart(3, "0")}</span>
      </Fact>
      {path ? <Fact name="On critical path">{duration(path)}</Fact> : null}
      <Fact name="Kind">{KINDS[trace.kinds[place] ?? 0] || "not given"}</Fact>
      <Fact name="Below">{tree.below[place] === 1 ? "1 span" : `${tree.below[place] ?? 0} spans`}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Said({ trace, place, details: { span, resource, scope } }: { trace: TraceData; place: number; details: SpanDetails }) {
  return (
    <>
      <Events events={span.events ?? []} start={span.startTimeUnixNano ?? "0"} dropped={span.droppedEventsCount ?? 0} />
      <Fields title="Attributes" pairs={span.attributes ?? []} scope="span" isOpen />
      <Links links={span.links ?? []} />
      <Fields title="Resource" pairs={resource.attributes ?? []} scope="resource" isOpen={(span.attributes ?? []).length < 8} />
      <Fields title="Scope" pairs={[...(scope.name ? [{ key: "name", value: { stringValue: scope.name } }] : []), ...(scope.version ? [{ key: "version", value: { stringValue: scope.version } }] : []), ...(scope.attributes ?? [])]} scope="" />
      <Fields title="Identity" pairs={identity(trace, place, span, resource.attributes ?? [])} scope="" />
    </>
  );
}

function identity(trace: TraceData, place: number, span: SpanDetails["span"], resource: readonly Pair[]): Pair[] {
  const rows: [string, string][] = [
    ["span id", trace.ids[place] ?? ""],
    ["parent span id", span.parentSpanId ?? ""],
    ["trace id", trace.trace_id],
    ["trace state", span.traceState ?? ""],
    ["host", valueOf(resource, "host.name")],
    ["process", valueOf(resource, "process.pid")],
  ];
  return rows.filter(([, value]) => value).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

/** Fields with what filters traces by them. */
function Fields({ title, pairs, scope, isOpen = false }: { title: string; pairs: readonly Pair[]; scope: "span" | "resource" | ""; isOpen?: boolean }) {
  if (!pairs.length) return null;
  const filterOf = (pair: Pair): ((name: string, value: string, isExcluded: boolean) => void) | undefined => {
    const value = traceqlValue(pair.value);
    if (!scope || value === null) return undefined;
    return (_name, _value, isExcluded) => location.assign(link("/traces", { q: `{ ${attributeName(pair.key, scope)} ${isExcluded ? "!=" : "="} ${value} }` }));
  };
  return (
    <details class="span-fields" open={isOpen}>
      <summary>
        {title} <span class="count">{pairs.length}</span>
      </summary>
      <table class="table">
        <tbody>
          {[...pairs]
            .sort((a, b) => a.key.localeCompare(b.key))
            .map((pair) => (
              <FieldRow key={pair.key} name={pair.key} value={textOf(pair.value)} onFilter={filterOf(pair)} href={/^https?:\/\//.test(textOf(pair.value)) ? textOf(pair.value) : undefined} />
            ))}
        </tbody>
      </table>
    </details>
  );
}
