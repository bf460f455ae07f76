// A TraceQL metrics query gives series: a chart over time.
import { frameOf, traceMetrics } from "../../data/trace_search";
import { stepFor } from "../../data/url";
import { useLoad } from "../../parts/hooks";
import { Empty } from "../../parts/notice";
import { TimeChart } from "../../plot/time_chart";
import { useTime, zoom, zoomOut } from "../../state/time";

const MOST = 200;

export function MetricResult({ q, onError }: { q: string; onError: (words: string | null) => void }) {
  const { window, tick, zone } = useTime();
  const step = stepFor((window.end - window.start) / 1000);
  const { data, error, isLoading } = useLoad(
    async (signal) => {
      try {
        const found = await traceMetrics(q, window, step, signal);
        onError(null);
        return { found, window, step };
      } catch (failure) {
        if (!signal.aborted && failure instanceof Error) onError(failure.message);
        throw failure;
      }
    },
    [q, step, window.start, window.end, tick],
  );
  const isTime = /quantile_over_time\(\s*(duration|traceDuration)|(avg|min|max|sum)_over_time\(\s*(duration|traceDuration)/.test(q);
  return (
    <section class="panel" aria-label="Result">
      {isLoading ? <div class="loading-line" /> : null}
      <div class="panel-head">
        <h2>Metrics of spans</h2>
        <span class="panel-note">{data ? `${data.found.length > MOST ? `${MOST} of ` : ""}${data.found.length} series, a point every ${data.step} s` : ""}</span>
      </div>
      {data?.found.length ? (
        <div class="chart-room">
          <TimeChart title={q} frame={frameOf(data.found.slice(0, MOST), "all spans")} window={data.window} tz={zone} {...(isTime ? { unit: "s" } : {})} calcs={["last", "min", "max", "mean"]} isStale={error !== null} onZoom={zoom} onZoomOut={zoomOut} />
        </div>
      ) : null}
      {data && !data.found.length && !error ? <Empty title="No series in this window" /> : null}
    </section>
  );
}
