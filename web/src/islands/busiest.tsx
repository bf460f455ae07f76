// The services with the most requests lately, and how full the disk is.
import { bytes, duration, rate } from "../data/format";
import type { BusyService } from "../data/overview";
import { NumberHeads } from "../parts/table_heads";
import { Sparkline } from "../plot/sparkline";
import { useOverview } from "./hooks";

export function BusiestServices() {
  const { snapshot, error } = useOverview();
  const found = snapshot.services;
  if (!found || found.total === 0) return null;
  if (found.total === null) return <Waiting />;
  const more = found.total - found.rows.length;
  return (
    <section class="panel" aria-labelledby="busiest-title" data-stale={error !== null || undefined}>
      <div class="panel-head">
        <h2 id="busiest-title">
          <a href="/services">Busiest services</a>
        </h2>
        <span class="panel-note">last {found.minutes} minutes</span>
        {more > 0 ? (
          <a class="panel-note" href="/services">
            {more} more
          </a>
        ) : null}
      </div>
      <table class="table busiest">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <NumberHeads names={["Requests/s", "Errors", "p95"]} />
          </tr>
        </thead>
        <tbody>
          {found.rows.map((row) => (
            <Row key={row.service} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Keeps the room: nothing below moves when the figures come. */
function Waiting() {
  return (
    <section class="panel busiest-waiting" aria-labelledby="busiest-title">
      <div class="panel-head">
        <h2 id="busiest-title">
          <a href="/services">Busiest services</a>
        </h2>
      </div>
      <div class="loading-line" />
    </section>
  );
}

function Row({ row }: { row: BusyService }) {
  return (
    <tr>
      <td>
        <a href={`/services/${encodeURIComponent(row.service)}`} data-row>
          {row.service || "unknown"}
        </a>
      </td>
      <td class="number">
        <Sparkline values={row.calls_over_time} title="" width={130} height={22} min={0} color="traces" />
        <span>{rate(row.rate)}</span>
      </td>
      <td class="number" data-errors={row.error_ratio > 0 || undefined}>
        {row.errors_over_time.length ? <Sparkline values={row.errors_over_time} title="" width={80} height={22} min={0} color="bad" /> : null}
        <span>{(row.error_ratio * 100).toFixed(1)} %</span>
      </td>
      <td class="number">{duration(row.p95_ns)}</td>
    </tr>
  );
}

export function Disk() {
  const { disk } = useOverview().snapshot;
  if (!disk) return null;
  const percent = disk.budget_bytes ? (disk.used_bytes / disk.budget_bytes) * 100 : 0;
  return (
    <p class="disk-line">
      <a href="/storage">Disk</a>
      <progress max={100} value={Math.min(100, percent)} aria-label="Used of the disk budget" data-kind={percent >= 95 ? "bad" : percent >= 80 ? "warn" : undefined} />
      <span>
        {bytes(disk.used_bytes)} of {bytes(disk.budget_bytes)}
      </span>
    </p>
  );
}
