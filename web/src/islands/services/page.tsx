// All services with rate, errors and duration in the window.
import { duration, nsToMs, ago, rate } from "../../data/format";
import { serviceColors } from "../../data/service_colors";
import { COLUMNS, loadServices, percent, type ServiceRow, type ServicesAnswer, sortedBy } from "../../data/services_api";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";
import { useServed } from "../../parts/served";
import { Sparkline } from "../../plot/sparkline";
import { link, useParam } from "../../state/address";
import { now, useTime } from "../../state/time";
import { FirstTraces } from "../traces_search/first";
import { SignalLinks } from "./signals";

interface ServicesProps {
  found: ServicesAnswer;
  isWhole: boolean;
  environment: string;
  demo: string;
}

export function Services({ found, isWhole, environment, demo }: ServicesProps) {
  const { window, tick } = useTime();
  const { data, error, isLoading } = useServed(isWhole ? found : null, (signal) => loadServices(window, signal), [window.start, window.end, tick]);
  const [text, setText] = useParam("find");
  const [sort, setSort] = useParam("sort", "rate");
  if (!data) return error ? <Notice kind="error">{error}</Notice> : <div class="loading-line" />;
  if (!data.services.length) return <FirstTraces title="No services yet" environment={environment} demo={demo} />;
  const rows = sortedBy(data.services, sort).filter((row) => row.service.toLowerCase().includes(text.trim().toLowerCase()));
  const colors = serviceColors(data.services.map((row) => row.service));
  return (
    <>
      {error ? <Notice kind="error">{error}</Notice> : null}
      <section class="panel" aria-label="Services" data-stale={error !== null || undefined}>
        {isLoading ? <div class="loading-line" /> : null}
        <div class="toolbar services-bar">
          <input type="search" class="input" aria-label="Find a service" placeholder="Find a service" value={text} data-search autocomplete="off" spellcheck={false} onInput={(event) => setText(event.currentTarget.value || null, { replace: true })} />
          <span class="quiet-text" role="status">
            {rows.length === data.services.length ? `${rows.length} services` : `${rows.length} of ${data.services.length}`}
          </span>
          <span class="spacer" />
          <a class="tool" href={link("/map")}>
            <Icon name="services" />
            Map
          </a>
        </div>
        <div class="table-scroll" tabindex={0} role="group" aria-label="Figures of services">
          <table class="table services-table">
            <thead>
              <tr>
                {COLUMNS.map(([key, name]) => (
                  <th key={key} scope="col" class={key === "service" ? undefined : "number"} aria-sort={key === sort ? (key === "service" ? "ascending" : "descending") : undefined}>
                    <button type="button" onClick={() => setSort(key, { replace: true })}>
                      {name}
                      {key === sort ? (key === "service" ? " ↑" : " ↓") : ""}
                    </button>
                  </th>
                ))}
                <th scope="col">Version</th>
                <th scope="col">Last span</th>
                <th scope="col">Signals</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.service} row={row} color={colors.get(row.service)} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}

function Row({ row, color }: { row: ServiceRow; color: number | undefined }) {
  const name = row.service || "unknown";
  const hasFigures = row.requests !== undefined;
  return (
    <tr data-row data-quiet={!hasFigures || undefined}>
      <td>
        <a class="service-link" href={link(`/services/${encodeURIComponent(row.service)}`)}>
          <span class="service-dot" data-color={hasFigures ? color : undefined} aria-hidden="true" />
          {name}
        </a>
      </td>
      {hasFigures ? (
        <>
          <td class="number with-spark">
            <Sparkline values={row.calls_over_time ?? []} title="" width={90} height={22} min={0} color="traces" />
            <span>{rate(row.rate ?? 0)}</span>
          </td>
          <td class="number with-spark">
            {row.errors ? <Sparkline values={row.errors_over_time ?? []} title="" width={60} height={22} min={0} color="bad" /> : null}
            <span class={row.errors ? "bad-text" : "quiet-text"}>{percent(row.error_ratio ?? 0)}</span>
          </td>
          <td class="number">{duration(row.p50_ns ?? 0)}</td>
          <td class="number">{duration(row.p95_ns ?? 0)}</td>
          <td class="number">{duration(row.p99_ns ?? 0)}</td>
          <td>
            <Versions versions={row.versions ?? []} />
          </td>
          <td class="quiet-text">{ago(now() - nsToMs(row.last_ns ?? "0"))}</td>
        </>
      ) : (
        <td colSpan={7} class="quiet-text">
          {row.signals.includes("traces") ? "No span in this window" : "Sends no spans"}
        </td>
      )}
      <td>
        <SignalLinks service={row.service} signals={row.signals} />
      </td>
    </tr>
  );
}

/** The newest version, and that it is new when there was another one in the window. */
function Versions({ versions }: { versions: readonly [string, string][] }) {
  const last = versions.at(-1);
  if (!last) return null;
  return (
    <span class="version" title={versions.map(([version, first]) => `${version} since ${new Date(nsToMs(first)).toISOString()}`).join("\n")}>
      {last[0]} {versions.length > 1 ? <span class="badge">{ago(now() - nsToMs(last[1]))}</span> : null}
    </span>
  );
}
