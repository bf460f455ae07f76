// The kinds that are not lines over time.
import { useState } from "preact/hooks";
import { BarList } from "../src/plot/bar_list";
import { bucketed } from "../src/plot/buckets";
import { Gauge } from "../src/plot/gauge";
import { Heatmap } from "../src/plot/heatmap";
import { Histogram } from "../src/plot/histogram";
import { LEVELS } from "../src/plot/levels";
import { Pie } from "../src/plot/pie";
import { Scatter, type ScatterPoint } from "../src/plot/scatter";
import { Sparkline } from "../src/plot/sparkline";
import { StateTimeline } from "../src/plot/state_timeline";
import { Volume } from "../src/plot/volume";
import { END, random, walk } from "./data";

const HOUR = { start: END - 3_600_000, end: END };

function zoomable<T extends object>(Body: (props: T & { window: { start: number; end: number }; onZoom: (start: number, end: number) => void; onZoomOut: () => void }) => preact.JSX.Element, props: T) {
  return function Own() {
    const [window, setWindow] = useState(HOUR);
    return <Body {...props} window={window} onZoom={(start, end) => setWindow({ start, end })} onZoomOut={() => setWindow(HOUR)} />;
  };
}

const minutes = Array.from({ length: 60 }, (_, i) => END / 1000 - (60 - i) * 60);
const lines = { times: minutes, series: [...LEVELS].reverse().map((name, i) => ({ name, values: walk(i + 90, 60, [8, 12, 60, 120, 14, 6, 2][i] ?? 1, 0.6).map(Math.round) })) };

const next = random(7);
const points: ScatterPoint[] = Array.from({ length: 400 }, (_, i) => ({ at: END - next() * 3_600_000, value: 0.02 * Math.exp(next() * 5), group: ["checkout", "catalogue", "payment"][i % 3] ?? "", title: `GET /orders/${i}`, href: `#trace-${i}`, isError: next() < 0.06 }));

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, Infinity];
const counts = bounds.map((_, row) => Float64Array.from(walk(row + 120, 60, 90 * Math.exp(-((row - 4) ** 2) / 5), 0.7).map(Math.round)));

const share = [{ value: -Infinity, color: "good" }, { value: 70, color: "warn" }, { value: 90, color: "bad" }];
const STATES = [["ok", "good"], ["degraded", "warn"], ["down", "bad"]] as const;
const rows = ["checkout", "catalogue", "payment-gateway"].map((name, r) => {
  const pick = random(r + 3);
  const spans = Array.from({ length: 12 }, (_, i) => {
    const [text, color] = STATES[pick() < 0.6 ? 0 : pick() < 0.6 ? 1 : 2] ?? ["ok", "good"];
    return { from: HOUR.start + i * 300_000, until: HOUR.start + (i + 1) * 300_000, text, color };
  });
  return { name, spans };
});

const SIMPLE = ["GET /api/orders", "POST /api/checkout", "GET /api/products/{id}/recommendations/similar-and-bought-together", "GET /health", "DELETE /api/cart"];
const Bars = () => <BarList title="Slowest routes" unit="ms" items={SIMPLE.map((name, i) => ({ name, value: 900 / (i + 1), href: "#route" }))} />;
const Usage = () => <BarList title="Disks" unit="percent" max={100} thresholds={share} items={[["/", 42], ["/var", 78.4], ["/backup", 93]].map(([name, value]) => ({ name: String(name), value: Number(value) }))} />;
const Shares = () => <Pie title="Requests by status" unit="short" slices={[["2xx", 81_234], ["3xx", 9120], ["4xx", 4410], ["5xx", 812]].map(([name, value]) => ({ name: String(name), value: Number(value) }))} />;
const Gauges = () => (
  <div class="gallery-row">
    <Gauge title="CPU" name="CPU" value={42} unit="percent" thresholds={share} />
    <Gauge title="Memory" name="Memory" value={78.3} unit="percent" thresholds={share} />
    <Gauge title="Availability" value={0.9991} min={0.99} max={1} unit="percentunit" decimals={2} thresholds={[{ value: 0, color: "bad" }, { value: 0.999, color: "good" }]} />
    <Gauge title="No value" value={null} name="none" />
  </div>
);
const Spread = () => <Histogram title="Latency" unit="s" {...bucketed([{ name: "checkout", values: walk(5, 2000, 0.3, 0.5) }, { name: "payment", values: walk(6, 2000, 0.5, 0.3) }], { unit: "s", most: 24 })} />;
const Sparks = () => (
  <table class="gallery-sparks">
    <tbody>
      {SIMPLE.map((name, i) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>
            <Sparkline title={`${name}: requests over the last hour`} color={`series-${i}`} values={walk(i, 300, 20).map((value, k) => (i === 3 && k % 60 > 40 ? null : value))} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

export const OTHERS = {
  volume: { title: "Log volume", Body: zoomable(Volume, { ...lines, title: "Log lines by level", onSeries: (series: { name: string }) => document.body.setAttribute("data-level", series.name) }), isWide: true },
  scatter: { title: "Scatter, logarithmic", Body: zoomable(Scatter, { points, title: "Traces", unit: "s", log: true, height: 240, onPoint: (point: ScatterPoint) => document.body.setAttribute("data-point", point.title) }) },
  heatmap: { title: "Heatmap", Body: zoomable(Heatmap, { times: minutes, bounds, counts, title: "Latency", unit: "s", height: 240 }) },
  states: { title: "States", Body: zoomable(StateTimeline, { rows, title: "Health" }) },
  bars: { title: "Top routes", Body: Bars },
  usage: { title: "With thresholds", Body: Usage },
  pie: { title: "Shares", Body: Shares },
  gauge: { title: "Gauges", Body: Gauges },
  histogram: { title: "Histogram", Body: Spread },
  sparkline: { title: "Sparklines", Body: Sparks },
};
