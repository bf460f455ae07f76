// What a search found: durations over time, and the traces or their spans.
import { useMemo, useState } from "preact/hooks";
import { count, duration, nsToMs } from "../../data/format";
import { durationText, ordered, ORDERS, type SearchAnswer } from "../../data/trace_search";
import type { Window } from "../../data/time_range";
import { Empty, Notice } from "../../parts/notice";
import { Choice } from "../../parts/tabs";
import { Scatter, type ScatterPoint } from "../../plot/scatter";
import { link, navigate, useAddress } from "../../state/address";
import { setRange, useTime, zoom, zoomOut } from "../../state/time";
import { TraceList } from "./list";
import { SpansTable } from "./spans";
import { Tools } from "./tools";

interface ResultProps {
  answer: SearchAnswer | null;
  isLoading: boolean;
  isStale: boolean;
  hasError: boolean;
  view: "list" | "spans";
  limit: number;
  onNarrow: (condition: string, window: Window) => void;
}

const VIEWS = [["list", "Traces"], ["spans", "Spans"]] as const;

export function Result({ answer, isLoading, isStale, hasError, view, limit, onNarrow }: ResultProps) {
  const order = useAddress().get("sort") ?? "newest";
  const rows = useMemo(() => ordered(answer?.traces ?? [], order), [answer, order]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (!answer) return hasError || !isLoading ? null : <section class="panel trace-results loading-line" aria-label="Searching" />;
  if (!rows.length) return hasError ? null : <Nothing answer={answer} />;
  const toggle = (id: string): void => setChosen((ids) => (ids.includes(id) ? ids.filter((one) => one !== id) : [...ids.slice(-1), id]));
  const errors = rows.filter((row) => row.errors > 0).length;
  return (
    <>
      <section class="panel chart-room" aria-label="Duration over time">
        <Durations answer={answer} isStale={isStale} onNarrow={onNarrow} />
      </section>
      <section class="panel trace-results" aria-label="Traces" data-stale={isStale || undefined}>
        <div class="toolbar results-bar">
          <p class="results-count" role="status">
            <strong>{count(rows.length)}</strong> {rows.length === 1 ? "trace" : "traces"}
            {answer.is_partial ? ", the newest of more" : ""}
            {errors ? ` · ${errors} with errors` : ""}
          </p>
          <span class="spacer" />
          <Choice label="Show" options={VIEWS} value={view} onChoose={(next) => navigate({ view: next === "list" ? null : next })} />
          <label class="inline-label">
            <span>Sort</span>
            <select class="select" value={order} onChange={(event) => navigate({ sort: event.currentTarget.value === "newest" ? null : event.currentTarget.value }, { replace: true })}>
              {ORDERS.map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <Tools chosen={chosen} q={answer.q} limit={limit} />
        </div>
        {view === "spans" ? <SpansTable rows={rows} /> : <TraceList rows={rows} chosen={chosen} onToggle={toggle} />}
      </section>
      {answer.is_partial ? (
        <Notice kind="info">
          The newest {answer.limit} traces are shown; there are more in this window. Choose a larger limit, a shorter window, or a narrower query. Sorting orders what is shown.
        </Notice>
      ) : null}
    </>
  );
}

function Durations({ answer, isStale, onNarrow }: { answer: SearchAnswer; isStale: boolean; onNarrow: (condition: string, window: Window) => void }) {
  const { window, zone } = useTime();
  const points: ScatterPoint[] = useMemo(
    () =>
      answer.traces.map((row) => ({
        at: nsToMs(row.start_ns),
        value: row.duration_ns / 1e9,
        radius: Math.min(9, 3 + Math.log2(1 + row.spans) * 0.7),
        group: row.root_service || "unknown",
        title: row.root_name || "(root not received)",
        href: link(`/traces/${row.trace_id}`),
        isError: row.errors > 0,
      })),
    [answer],
  );
  // The newest of many lie close together: then the chart shows their time, not the whole window.
  const shown = answer.is_partial ? { start: Math.min(...points.map(({ at }) => at)), end: Math.min(window.end, answer.end_ms) } : window;
  const isWide = useMemo(() => spread(points) > 30, [points]);
  const box = (start: number, end: number, low: number, high: number): void => {
    onNarrow(`traceDuration >= ${durationText(Math.max(0, low) * 1e9)} && traceDuration <= ${durationText(high * 1e9)}`, { start, end });
  };
  return (
    <>
      <div class="chart-head">
        <h2>Duration</h2>
        <span class="panel-note">
          {answer.is_partial ? `of the newest ${points.length}, which start within ${duration(Math.max(1, shown.end - shown.start) * 1e6)}` : "over the window"}
        </span>
      </div>
      <Scatter title="Duration of traces over time" points={points} window={shown} unit="s" log={isWide} tz={zone} height={150} isStale={isStale} onZoom={zoom} onZoomOut={zoomOut} onBox={box} />
    </>
  );
}

/** How many times the longest is as long as the shortest. */
function spread(points: readonly ScatterPoint[]): number {
  const values = points.map(({ value }) => value).filter((value) => value > 0);
  return values.length ? Math.max(...values) / Math.min(...values) : 1;
}

function Nothing({ answer }: { answer: SearchAnswer }) {
  const { window } = useTime();
  const hour = 3_600_000;
  const isShort = window.end - window.start < 24 * hour;
  return (
    <section class="panel">
      <Empty title="No trace matches in this window">
        {answer.inspected?.traces ? `${count(answer.inspected.traces)} traces with ${count(answer.inspected.spans)} spans were looked at. ` : "No trace starts or ends in this window. "}
        {isShort ? (
          <button type="button" class="link-button" onClick={() => setRange({ from: "now-24h", to: "now" })}>
            Search the last 24 hours
          </button>
        ) : null}
      </Empty>
    </section>
  );
}
