// Before the first query: the most telling metrics as small charts, or how to get some.
import { get } from "../../data/api";
import { type Family, overviewQuery, unitOf } from "../../data/metric_query";
import { queryRange } from "../../data/prometheus_api";
import { align, latest } from "../../data/series";
import { formatted } from "../../data/units";
import { useLoad } from "../../parts/hooks";
import { Empty, Notice } from "../../parts/notice";
import { Sparkline } from "../../plot/sparkline";
import { link } from "../../state/address";
import { useTime } from "../../state/time";
import { aligned } from "./use_panel";

const CARDS = 12;
const POINTS = 60;

interface Found {
  total: number;
  metrics: Family[];
}

export function Overview() {
  const { tick } = useTime();
  const { data, error } = useLoad((signal) => get<Found>("/api/ui/metrics", { order: "telling", limit: CARDS }, signal), [tick]);
  if (error) return <Notice kind="error">{error}</Notice>;
  if (!data) return null;
  if (!data.total) return <NoMetrics />;
  return (
    <section class="metrics-overview" aria-labelledby="overview-title">
      <div class="panel-head">
        <h2 id="overview-title">A first look</h2>
        <span class="panel-note">Write a query, choose a metric from the list, or begin with one of these.</span>
      </div>
      <div class="metrics-cards">
        {data.metrics.map((family) => (
          <Card key={family.name} family={family} />
        ))}
      </div>
    </section>
  );
}

function Card({ family }: { family: Family }) {
  const { window, tick } = useTime();
  const expr = overviewQuery(family);
  const step = Math.max(5, Math.ceil((window.end - window.start) / 1000 / POINTS));
  const { data, error, isLoading } = useLoad((signal) => values(expr, aligned(window, step), step, signal), [expr, window.start, window.end, tick]);
  const last = data ? latest(data) : null;
  return (
    <a class="metrics-card panel" href={link("/metrics", { "g0.expr": expr, "g0.tab": "graph" })} title={family.help || undefined}>
      <span class="metrics-card-name">{family.name}</span>
      <span class="metrics-card-value">{last === null ? (isLoading ? "…" : "–") : formatted(last, family.type === "counter" ? rateUnit(expr) : unitOf(expr))}</span>
      <span class="metrics-card-chart" data-stale={error !== null || undefined}>
        {data ? <Sparkline values={data} width={240} height={44} title="" min={0} /> : null}
      </span>
      <code class="metrics-card-query">{expr}</code>
    </a>
  );
}

function rateUnit(expr: string): string {
  return unitOf(expr) || (/_seconds/.test(expr) ? "" : "suffix:/s");
}

async function values(expr: string, window: { start: number; end: number }, step: number, signal: AbortSignal): Promise<(number | null)[]> {
  const { data } = await queryRange(expr, window, step, signal);
  if (data.resultType !== "matrix") return [];
  const { columns } = align(data.result.slice(0, 1).map(({ metric, values: points = [] }) => ({ metric, values: points })), { start: window.start / 1000, end: window.end / 1000, step });
  return columns[0]?.values ?? [];
}

interface Targets {
  data: { activeTargets: { scrapeUrl: string; lastError: string; labels: Record<string, string> }[] };
}

function NoMetrics() {
  const { data } = useLoad((signal) => get<Targets>("/api/v1/targets", { state: "active" }, signal), []);
  const broken = data?.data.activeTargets.filter(({ lastError }) => lastError) ?? [];
  return (
    <section class="panel">
      <Empty title="No metrics yet" commandTitle="prometheus.yml" command={"scrape_configs:\n  - job_name: app\n    scrape_interval: 15s\n    static_configs:\n      - targets: ['127.0.0.1:8080']"}>
        Scrape an application: put a job into the configuration and reload, or <a href="/connect">send by OTLP or remote write</a>. <a href="/targets">Targets</a> shows what is scraped.
      </Empty>
      {broken.slice(0, 5).map(({ scrapeUrl, lastError }) => (
        <Notice key={scrapeUrl} kind="error">
          <a href="/targets">{scrapeUrl}</a>: {lastError}
        </Notice>
      ))}
    </section>
  );
}
