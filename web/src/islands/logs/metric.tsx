// The answer to a metric query: a chart over time and the series' values.
import { useState } from "preact/hooks";
import { type MetricSeries, series } from "../../data/loki_api";
import { align } from "../../data/series";
import { stepFor } from "../../data/url";
import { useLoad } from "../../parts/hooks";
import { Empty } from "../../parts/notice";
import { Choice } from "../../parts/tabs";
import { TimeChart } from "../../plot/time_chart";
import { useTime, zoom, zoomOut } from "../../state/time";

const FORMS = [
  ["line", "Lines"],
  ["bars", "Bars"],
  ["stack", "Stacked"],
] as const;

/** `onError` gets the server's words, or null, for the editor. */
export function MetricResult({ query, onError }: { query: string; onError: (message: string | null) => void }) {
  const { window, tick, zone } = useTime();
  const [form, setForm] = useState("line");
  const step = stepFor((window.end - window.start) / 1000);
  const aligned = { start: floor(window.start, step), end: floor(window.end, step) };
  const { data, error, isLoading } = useLoad(
    async (signal) => {
      try {
        const found = await series(query, aligned, step, signal);
        onError(null);
        return { found, window: aligned, step };
      } catch (failure) {
        if (!signal.aborted && failure instanceof Error) onError(failure.message);
        throw failure;
      }
    },
    [query, step, window.start, window.end, tick],
  );
  const style = form === "stack" ? { stack: "all", fill: 0.35 } : form === "bars" ? ({ draw: "bars", stack: "all" } as const) : {};
  return (
    <section class="panel log-metric" aria-label="Result">
      {isLoading ? <div class="loading-line" /> : null}
      <div class="panel-head">
        <Choice label="Drawn as" options={FORMS} value={form} onChoose={setForm} />
        <span class="panel-note">
          {data ? `${data.found.length} series, a point every ${data.step} s` : ""}
        </span>
      </div>
      {data?.found.length ? (
        <div class="log-metric-chart">
          <TimeChart title={query} frame={frameOf(data.found, data.window, data.step)} window={data.window} tz={zone} style={style} calcs={["last", "min", "max", "mean"]} isStale={error !== null} onZoom={zoom} onZoomOut={zoomOut} />
        </div>
      ) : null}
      {data && !data.found.length && !error ? <Empty title="No series in this window" /> : null}
    </section>
  );
}

const floor = (ms: number, step: number): number => Math.floor(ms / 1000 / step) * step * 1000;

function frameOf(found: readonly MetricSeries[], window: { start: number; end: number }, step: number) {
  const matrix = found.map(({ metric, values, value }) => ({ metric, values: values ?? (value ? [value] : []) }));
  const { times, columns } = align(matrix, { start: window.start / 1000, end: window.end / 1000, step });
  return { times, series: columns };
}
