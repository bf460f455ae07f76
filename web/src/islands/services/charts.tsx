// Rate, errors and duration of a service over the window, with marks where a version was first seen.
import { useMemo } from "preact/hooks";
import { nsToMs } from "../../data/format";
import type { ServiceAnswer, ServiceFigures } from "../../data/services_api";
import type { Frame, Mark } from "../../plot/model";
import { TimeChart } from "../../plot/time_chart";
import { useTime, zoom, zoomOut } from "../../state/time";

const HEIGHT = 170;

export function Charts({ answer, figures }: { answer: ServiceAnswer; figures: ServiceFigures }) {
  const { zone } = useTime();
  const window = { start: answer.start_ms, end: answer.end_ms };
  const frames = useMemo(() => framesOf(answer, figures), [answer]);
  const marks = useMemo(() => marksOf(answer, figures), [answer]);
  const shared = { window, tz: zone, height: HEIGHT, legend: "list" as const, marks, sync: "service", onZoom: zoom, onZoomOut: zoomOut };
  return (
    <div class="service-charts">
      <section class="panel chart-room">
        <h2>Requests</h2>
        <TimeChart title="Requests per second" frame={frames.rate} unit="reqps" min={0} style={{ fill: 0.12 }} calcs={["mean", "max"]} {...shared} />
      </section>
      <section class="panel chart-room">
        <h2>Errors</h2>
        <TimeChart title="Share of requests that failed" frame={frames.errors} unit="percentunit" min={0} style={{ fill: 0.12 }} calcs={["max"]} {...shared} />
      </section>
      <section class="panel chart-room">
        <h2>Duration</h2>
        <TimeChart title="Duration of requests" frame={frames.latency} unit="s" min={0} calcs={["last"]} {...shared} />
      </section>
    </div>
  );
}

function framesOf(answer: ServiceAnswer, figures: ServiceFigures): { rate: Frame; errors: Frame; latency: Frame } {
  const count = figures.calls_over_time.length;
  const step = (answer.end_ms - answer.start_ms) / count / 1000;
  const times = Array.from({ length: count }, (_, i) => answer.start_ms / 1000 + (i + 0.5) * step);
  const seconds = (values: readonly (number | null)[] | undefined): (number | null)[] => (values ?? []).map((ns) => (ns === null ? null : ns / 1e9));
  const calls = figures.calls_over_time;
  return {
    rate: { times, series: [{ name: "requests/s", values: calls.map((value) => value / step), color: "traces" }] },
    errors: { times, series: [{ name: "errors", values: calls.map((value, i) => (value ? (figures.errors_over_time[i] ?? 0) / value : null)), color: "bad" }] },
    latency: {
      times,
      series: [
        { name: "p50", values: seconds(answer.latency?.p50_ns), color: "series-0" },
        { name: "p95", values: seconds(answer.latency?.p95_ns), color: "series-1" },
        { name: "p99", values: seconds(answer.latency?.p99_ns), color: "series-3" },
      ],
    },
  };
}

/** Versions that were first seen after another one. */
function marksOf(answer: ServiceAnswer, figures: ServiceFigures): Mark[] {
  return figures.versions.slice(1).map(([version, first]) => ({ at: Math.max(answer.start_ms, nsToMs(first)), title: `version ${version}`, text: `First span of ${version}`, color: "accent" }));
}
