// What has come in so far, per signal: the Connect page says at once when the first item arrives.
import { useRef } from "preact/hooks";
import { ago, count } from "../data/format";
import type { Tile } from "../data/overview";
import { useNow, useOverview } from "./hooks";

export function Arrivals() {
  const { snapshot, error } = useOverview();
  const now = useNow();
  const before = useRef(totals(snapshot.tiles));
  return (
    <div role="status" data-stale={error !== null || undefined}>
      <ul class="arrivals">
        {snapshot.tiles.map((tile) => (
          <Arrival key={tile.name} tile={tile} isNew={tile.received_total > (before.current[tile.name] ?? 0)} now={now} />
        ))}
      </ul>
    </div>
  );
}

function Arrival({ tile, isNew, now }: { tile: Tile; isNew: boolean; now: number }) {
  const hasSome = tile.last_seen_ms !== null;
  const unit = tile.received_total === 1 ? tile.unit.replace(/s$/, "") : tile.unit;
  return (
    <li data-state={hasSome ? (isNew ? "receiving" : "received") : "waiting"}>
      <span class="step-mark" aria-hidden="true" />
      <a href={`/${tile.name}`}>{tile.name[0]?.toUpperCase() + tile.name.slice(1)}</a>
      {/* The age changes every second: it is not read out. */}
      <span>{hasSome ? `received ${count(tile.received_total)} ${unit}` : "waiting"}</span>
      {tile.last_seen_ms === null ? null : <span aria-hidden="true">{ago(now - tile.last_seen_ms)}</span>}
    </li>
  );
}

function totals(tiles: readonly Tile[]): Record<string, number> {
  return Object.fromEntries(tiles.map((tile) => [tile.name, tile.received_total]));
}
