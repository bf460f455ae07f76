// Charts over time in all their styles.
import { useState } from "preact/hooks";
import type { Frame } from "../src/plot/model";
import { TimeChart, type TimeChartProps } from "../src/plot/time_chart";
import { END, frameOf, walk, windowOf } from "./data";

const SERVICES = ["checkout", "catalogue", "payment", "shipping-and-fulfilment-service-with-a-long-name"];
const requests = frameOf(4, 240, { level: 80, name: (i) => SERVICES[i] ?? "" });
const memory = frameOf(3, 240, { level: 700 * 2 ** 20, seed: 9, name: (i) => ["heap", "rss", "external"][i] ?? "" });
const statuses = frameOf(3, 240, { level: 40, seed: 21, name: (i) => ["2xx", "4xx", "5xx"][i] ?? "" });
const many = frameOf(14, 120, { level: 20, seed: 33 });

const latency: Frame = {
  times: requests.times,
  series: [
    { name: "p99", values: walk(5, 240, 0.42, 0.5) },
    { name: "p50", values: walk(6, 240, 0.08, 0.3), color: "series-2" },
    { name: "requests", values: walk(7, 240, 120, 0.5), axis: "right", unit: "reqps", color: "muted", style: { draw: "bars", fill: 0.25 } },
  ],
};

const gaps: Frame = {
  times: requests.times.slice(0, 60),
  series: [
    { name: "with gaps", values: walk(40, 60, 50).map((value, i) => (i % 17 > 12 ? null : value)) },
    { name: "lonely", values: walk(41, 60, 30).map((value, i) => (i % 20 === 7 ? value : null)) },
    { name: "not finite", values: walk(42, 60, 20).map((value, i) => (i === 20 ? NaN : i === 40 ? Infinity : value)) },
  ],
};

/** A chart that zooms by itself, as a page would do it with its address. */
function Own(props: Omit<TimeChartProps, "window">) {
  const whole = windowOf(props.frame);
  const [window_, setWindow] = useState(whole);
  return <TimeChart height={200} {...props} window={window_} onZoom={(start, end) => setWindow({ start, end })} onZoomOut={() => setWindow(whole)} />;
}

const at = (part: number): number => END - 3_600_000 * (1 - part);

const Lines = () => <Own frame={requests} unit="reqps" title="Requests" sync="a" calcs={["last", "mean", "max"]} onSeries={(series, { alt }) => document.body.setAttribute("data-chosen", `${alt ? "not " : ""}${series.name}`)} />;
const Areas = () => <Own frame={memory} unit="bytes" title="Memory" sync="a" style={{ fill: 0.35, stack: "a", width: 1 }} legend="list" tz="utc" />;
const Bars = () => <Own frame={statuses} unit="short" title="Responses" style={{ draw: "bars", stack: "a", percent: true }} legend="list" />;
const Marked = () => (
  <Own
    frame={latency}
    unit="s"
    title="Latency"
    legend="right"
    axisLabel="seconds"
    thresholds={[{ value: 0.5, color: "bad", label: "SLO 500 ms", fill: "above" }]}
    marks={[
      { at: at(0.25), title: "Deploy", text: "checkout 1.42.0", href: "#deploy" },
      { at: at(0.6), until: at(0.75), title: "HighLatency", text: "firing for 9 min", color: "bad" },
    ]}
    dots={[0.3, 0.42, 0.66, 0.7].map((part, i) => ({ at: at(part), value: 0.3 + i * 0.1, title: `trace ${i}abc`, data: i }))}
    onDot={(dot) => document.body.setAttribute("data-dot", String(dot.data))}
  />
);
const Gaps = () => <Own frame={gaps} title="Gaps" unit="percent" tooltip="single" />;
const Many = () => <Own frame={many} title="More lines than colours" unit="celsius" legend="right" />;
const Logarithmic = () => <Own frame={{ times: requests.times, series: [1, 50, 3000].map((level, i) => ({ name: `${level}`, values: walk(60 + i, 240, level) })) }} log={10} title="Logarithmic" style={{ interpolation: "step-after" }} unit="ms" legend="list" />;
const Filled = () => (
  <Own
    frame={{ times: requests.times, series: [{ name: "upper", values: walk(70, 240, 90, 0.1), style: { fillBelowTo: "lower", width: 1 }, color: "series-0" }, { name: "lower", values: walk(70, 240, 60, 0.1), style: { width: 1 }, color: "series-0" }, { name: "mean", values: walk(70, 240, 75, 0.1), style: { interpolation: "smooth", fill: 0.3, gradient: true }, color: "series-1" }] }}
    title="Bands"
    legend="none"
  />
);
const Flows = () => <Own frame={{ times: requests.times, series: [{ name: "received", values: walk(80, 240, 4e6) }, { name: "sent", values: walk(81, 240, 2e6), style: { negativeY: true } }] }} title="Traffic" unit="Bps" style={{ fill: 0.2, gradient: true }} legend="list" calcs={["max", "mean"]} />;
const Empty = () => <TimeChart frame={{ times: [], series: [] }} window={{ start: at(0), end: at(1) }} title="Empty" height={200} noData="No samples in the last hour." />;

export const OVER_TIME = {
  lines: { title: "Lines, table", Body: Lines },
  areas: { title: "Stacked areas, UTC", Body: Areas },
  marked: { title: "Two axes, threshold, marks, exemplars", Body: Marked, isWide: true },
  shares: { title: "Shares as bars", Body: Bars },
  gaps: { title: "Gaps, lonely samples, NaN", Body: Gaps },
  many: { title: "Dashes once colours repeat", Body: Many },
  logarithmic: { title: "Logarithmic steps", Body: Logarithmic },
  filled: { title: "Filled to another series, smooth, gradient", Body: Filled },
  flows: { title: "Turned down", Body: Flows },
  empty: { title: "No data", Body: Empty },
};
