// One trace: header, minimap, waterfall with details, its logs, its operations, its JSON.
import { useEffect, useMemo } from "preact/hooks";
import { serviceColors } from "../../data/service_colors";
import { loadPath, loadTrace, type PathSection, type TraceData, type TraceSummary } from "../../data/trace_model";
import { skews, treeOf } from "../../data/trace_tree";
import { duration } from "../../data/format";
import { type Loaded, useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import { Tabs } from "../../parts/tabs";
import { useAddress } from "../../state/address";
import { Actions, Facts } from "./header";
import { JsonTab } from "./json";
import { LogsTab } from "./logs";
import { OperationsTab } from "./operations";
import { type View, useTraceState } from "./state";
import { WaterfallTab } from "./waterfall_tab";

/** `isPartial`: the server has only looked at the first spans for its summary. */
export function Trace({ traceId, summary, isPartial }: { traceId: string; summary: TraceSummary; isPartial: boolean }) {
  const { data, error } = useLoad((signal) => loadTrace(traceId, signal), [], traceId);
  return (
    <>
      {error ? <Notice kind="error">The trace could not be loaded: {error}</Notice> : null}
      {data ? <Whole trace={data} /> : <Waiting summary={summary} isPartial={isPartial} />}
    </>
  );
}

function Waiting({ summary, isPartial }: { summary: TraceSummary; isPartial: boolean }) {
  return (
    <div class="trace-waiting">
      <div class="loading-line" />
      <p class="lead">
        Loading {summary.span_count.toLocaleString("en")} spans{isPartial ? " or more" : ""}, {duration(summary.duration_ns)}
      </p>
    </div>
  );
}

function Whole({ trace }: { trace: TraceData }) {
  const tree = useMemo(() => treeOf(trace), [trace]);
  const colors = useMemo(() => serviceColors(trace.service_counts.map(([name]) => name)), [trace]);
  const view: View = useMemo(() => ({ trace, tree, colors }), [trace]);
  const state = useTraceState(view);
  const path = usePath(trace, state.hasPath);
  const tab = useAddress().get("tab") ?? "waterfall";
  useEffect(() => {
    document.title = `${trace.root_service || "Trace"} ${trace.root_name} · Appliance`;
  }, [trace]);
  const tabs = [{ id: "waterfall", label: "Waterfall" }, { id: "logs", label: "Logs" }, { id: "table", label: "Operations" }, { id: "json", label: "JSON" }];
  return (
    <>
      <Facts view={view} />
      <Warnings trace={trace} />
      <div class="trace-views">
        <Tabs label="Views of the trace" tabs={tabs} value={tab} onChoose={state.setTab} />
        <Actions view={view} />
      </div>
      {tab === "logs" ? <LogsTab view={view} state={state} /> : tab === "table" ? <OperationsTab view={view} state={state} /> : tab === "json" ? <JsonTab trace={trace} /> : <WaterfallTab view={view} state={state} path={path.data} pathError={path.error} />}
    </>
  );
}

function usePath(trace: TraceData, isWanted: boolean): Loaded<PathSection[]> {
  const isAsked = isWanted && trace.span_count > 1;
  return useLoad(isAsked ? (signal) => loadPath(trace.trace_id, signal) : null, [isAsked], trace.trace_id);
}

function Warnings({ trace }: { trace: TraceData }) {
  const skewed = useMemo(() => skews(trace), [trace]);
  const lost = trace.orphans.length;
  return (
    <>
      {trace.total > trace.span_count ? (
        <Notice kind="warning">
          This trace has {trace.total.toLocaleString("en")} spans; the first {trace.span_count.toLocaleString("en")} by start are shown. The download has all of them.
        </Notice>
      ) : null}
      {lost ? (
        <Notice kind="warning">
          {trace.has_root ? "Part of this trace is missing" : "The root of this trace has not arrived"}: {lost === 1 ? "one span names a parent" : `${lost} spans name parents`} that {lost === 1 ? "is" : "are"} not here (not sent yet, sampled away, or sent elsewhere). {lost === 1 ? "It is" : "They are"} shown at the top level.
        </Notice>
      ) : null}
      {skewed[0] ? (
        <Notice kind="warning">
          {skewed
            .slice(0, 3)
            .map((one) => `${one.service || "unknown"} starts up to ${duration(one.most)} before the call from ${one.parent || "unknown"}`)
            .join("; ")}
          : the clocks of their hosts differ. Times are shown as they were sent.
        </Notice>
      ) : null}
    </>
  );
}
