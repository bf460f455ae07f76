// One tile per signal: how much comes in, since when nothing does, what was refused.
import { ago, bytes, count, rate } from "../data/format";
import type { Tile } from "../data/overview";
import { useNow, useOverview } from "./hooks";

/** After this long without data a signal counts as quiet; longer than a usual scrape interval. */
const QUIET_MS = 45_000;

export function Tiles() {
  const { snapshot, history, error } = useOverview();
  const now = useNow();
  return (
    <>
      {snapshot.tiles.map((tile) => (
        <SignalTile key={tile.name} tile={tile} now={now} rates={history[tile.name] ?? []} isStale={error !== null} />
      ))}
    </>
  );
}

function SignalTile({ tile, now, rates, isStale }: { tile: Tile; now: number; rates: number[]; isStale: boolean }) {
  const age = tile.last_seen_ms === null ? null : now - tile.last_seen_ms;
  const state = age === null ? (tile.has_data ? "quiet" : "waiting") : age < QUIET_MS ? "receiving" : "quiet";
  const id = `tile-${tile.name}`;
  return (
    <section class={`tile ${id}`} data-state={state} data-stale={isStale || undefined} aria-labelledby={id}>
      <div class="tile-head">
        <h2 id={id}>
          <a href={`/${tile.name}`}>{tile.name[0]?.toUpperCase() + tile.name.slice(1)}</a>
        </h2>
        <span class="tile-state" title={tile.last_seen_ms ? new Date(tile.last_seen_ms).toLocaleString() : undefined}>
          <span class="tile-dot" aria-hidden="true" />
          {age === null ? (tile.has_data ? "nothing since the start" : "waiting") : state === "receiving" ? `receiving, ${ago(age)}` : `quiet, ${ago(age)}`}
        </span>
      </div>
      <div class="tile-main">
        <p class="tile-rate">
          <strong>{rate(tile.rate_per_second)}</strong> {tile.unit}/s
        </p>
        <Spark values={rates} />
      </div>
      <dl class="facts">
        <Fact name="Received" value={count(tile.received_total)} exact={tile.received_total} />
        <Fact name={tile.active_unit[0]?.toUpperCase() + tile.active_unit.slice(1)} value={count(tile.active)} exact={tile.active} />
        <Fact name="Rejected" value={count(tile.rejected_total)} exact={tile.rejected_total} isAlarming={tile.rejected_total > 0} />
        <Fact name="On disk" value={bytes(tile.disk_bytes)} exact={tile.disk_bytes} />
      </dl>
    </section>
  );
}

function Fact({ name, value, exact, isAlarming = false }: { name: string; value: string; exact: number; isAlarming?: boolean }) {
  return (
    <div data-alarm={isAlarming || undefined}>
      <dt>{name}</dt>
      <dd title={exact.toLocaleString("en")}>{value}</dd>
    </div>
  );
}

const WIDTH = 120;
const HEIGHT = 28;

/** The last two minutes of a rate, since the page was opened. */
function Spark({ values }: { values: number[] }) {
  const most = Math.max(...values, 0) || 1;
  const step = WIDTH / 59;
  const from = WIDTH - (values.length - 1) * step;
  const points = values.map((value, i) => `${(from + i * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`);
  if (points.length < 5) return <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`${from.toFixed(1)},${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
