// The volume of lines over the window by level; a drag zooms, the legend filters by level.
import { count } from "../../data/format";
import { type Level, LEVELS } from "../../data/log_level";
import type { Volume as Found } from "../../data/log_volume";
import { Notice } from "../../parts/notice";
import { Volume } from "../../plot/volume";
import { useTime, zoom, zoomOut } from "../../state/time";

export interface VolumeProps {
  volume: Found | null;
  error: string | null;
  isStale: boolean;
  chosen: { level: Level; isExcluded: boolean } | null;
  onLevel: (level: Level, isExcluded: boolean) => void;
}

export function VolumePanel({ volume, error, isStale, chosen, onLevel }: VolumeProps) {
  const { zone } = useTime();
  const levels = LEVELS.filter((level) => volume?.totals.get(level) || chosen?.level === level);
  return (
    <section class="panel log-volume" aria-label="Volume">
      <div class="log-legend" role="group" aria-label="Levels">
        {levels.map((level) => (
          <button
            key={level}
            type="button"
            class="log-legend-level"
            data-level={level}
            aria-pressed={chosen?.level === level}
            data-excluded={(chosen?.level === level && chosen.isExcluded) || undefined}
            title="Click: only this level. Alt-click: without it. Again: all levels."
            onClick={(event) => onLevel(level, event.altKey)}
          >
            <span class="log-swatch" aria-hidden="true" />
            {level}
            <span class="log-legend-count">{count(volume?.totals.get(level) ?? 0)}</span>
          </button>
        ))}
        <span class="spacer" />
        <span class="quiet-text">{volume ? `${count(volume.total)} ${volume.total === 1 ? "line" : "lines"}` : ""}</span>
      </div>
      {error ? <Notice kind="warning">No volume: {error}</Notice> : null}
      <div class="log-volume-plot">
        {volume ? <Volume times={volume.frame.times} series={volume.frame.series} window={volume.window} title="Lines over time by level" legend="none" height={84} tz={zone} isStale={isStale} noData="No lines in this window" onZoom={zoom} onZoomOut={zoomOut} /> : null}
      </div>
    </section>
  );
}
