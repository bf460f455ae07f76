// One service: rate, errors and duration over time, operations, neighbours, and ways to everything else of it.
import { ago, duration, nsToMs, rate } from "../../data/format";
import { loadService, percent, type ServiceAnswer, type ServiceFigures, type Signal } from "../../data/services_api";
import { Empty, Notice } from "../../parts/notice";
import { useServed } from "../../parts/served";
import { now, useTime } from "../../state/time";
import { link } from "../../state/address";
import { Charts } from "./charts";
import { Elsewhere } from "./elsewhere";
import { Neighbours } from "./neighbours";
import { Operations } from "./operations";
import { SignalLinks } from "./signals";

export function Service({ found, isWhole }: { found: ServiceAnswer; isWhole: boolean }) {
  const { window, tick } = useTime();
  const { data, error, isLoading } = useServed(isWhole ? found : null, (signal) => loadService(found.service, window, signal), [window.start, window.end, tick]);
  if (!data) return error ? <Notice kind="error">{error}</Notice> : <div class="loading-line" />;
  const signals: Signal[] = [...(data.figures ? (["traces"] as const) : []), ...(data.logs?.length ? (["logs"] as const) : []), ...(data.metrics?.length ? (["metrics"] as const) : [])];
  return (
    <>
      {error ? <Notice kind="error">{error}</Notice> : null}
      {isLoading ? <div class="loading-line" /> : null}
      <div class="service-body" data-stale={error !== null || undefined}>
        {data.figures ? (
          <>
            <Figures figures={data.figures} signals={signals} service={data.service} />
            <Charts answer={data} figures={data.figures} />
            <Operations answer={data} />
            <Neighbours answer={data} />
          </>
        ) : (
          <section class="panel">
            <Empty title="No span of this service in this window">
              {signals.length ? "There are other signals of it, see below." : "Choose a longer window."} <a href={link("/services")}>All services</a>
            </Empty>
          </section>
        )}
        <Elsewhere answer={data} />
      </div>
    </>
  );
}

function Figures({ figures, signals, service }: { figures: ServiceFigures; signals: readonly Signal[]; service: string }) {
  const version = figures.versions.at(-1);
  return (
    <div class="service-head">
      <dl class="stats">
        <Stat name="Requests/s" value={rate(figures.rate)} note={figures.is_every_span ? "all spans count: none is of kind server or consumer" : `${figures.requests.toLocaleString("en")} in this window`} />
        <Stat name="Errors" value={percent(figures.error_ratio)} note={`${figures.errors.toLocaleString("en")} failed`} isBad={figures.errors > 0} />
        <Stat name="p50" value={duration(figures.p50_ns)} />
        <Stat name="p95" value={duration(figures.p95_ns)} />
        <Stat name="p99" value={duration(figures.p99_ns)} note={`longest ${duration(figures.max_ns)}`} />
        {version ? <Stat name="Version" value={version[0]} note={figures.versions.length > 1 ? `since ${ago(now() - nsToMs(version[1]))}, before ${figures.versions.at(-2)?.[0]}` : ""} /> : null}
        <Stat name="Last span" value={ago(now() - nsToMs(figures.last_ns))} />
      </dl>
      <SignalLinks service={service} signals={signals} />
    </div>
  );
}

function Stat({ name, value, note = "", isBad = false }: { name: string; value: string; note?: string; isBad?: boolean }) {
  return (
    <div data-bad={isBad || undefined}>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {note ? <span>{note}</span> : null}
      </dd>
    </div>
  );
}
