// Gauges and bar gauges: values between two ends.
import { useMemo } from "preact/hooks";
import { stepsOf } from "../../../dashboard/colors";
import { noDataText } from "../../../dashboard/nothing";
import { type OneValue, valuesOf } from "../../../dashboard/values";
import { Gauge } from "../../../plot/gauge";
import { cssColor } from "../../../plot/model";
import { ranges } from "../../../plot/thresholds";
import type { BodyProps } from "../types";
import { boxes } from "./stat";

export function GaugeBody({ panel, data, title, size, zone, isStale }: BodyProps) {
  const values = useMemo(() => valuesOf(panel, data.frames, { zone }), [panel, data, zone]);
  if (!values.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const { columns, box } = boxes(values.length, size, String(panel.options.orientation ?? "auto"));
  return (
    <div class="dash-gauges" data-stale={isStale || undefined} style={{ "--columns": String(columns) }}>
      {values.map(({ name, shown, options, min, max }, i) => (
        <Gauge
          key={`${name}\n${i}`}
          value={shown.number}
          title={values.length > 1 ? name : title}
          min={options.min ?? Math.min(0, min)}
          max={options.max ?? (isShare(options.unit) ? max : 100)}
          text={shown.text}
          thresholds={stepsOf(options.thresholds, options.min ?? 0, options.max ?? (isShare(options.unit) ? max : 100))}
          hasRing={panel.options.showThresholdMarkers !== false}
          height={Math.max(60, Math.min(box.height, 320))}
          {...(values.length > 1 ? { name } : {})}
        />
      ))}
    </div>
  );
}

const isShare = (unit: string): boolean => unit === "percent" || unit === "percentunit";

export function BarGaugeBody({ panel, data, title, size, zone, isStale }: BodyProps) {
  const values = useMemo(() => valuesOf(panel, data.frames, { zone }), [panel, data, zone]);
  if (!values.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const { orientation = "auto", displayMode = "gradient", showUnfilled = true, valueMode = "color" } = panel.options as { orientation?: string; displayMode?: string; showUnfilled?: boolean; valueMode?: string };
  const isUpright = (orientation === "vertical" || (orientation === "auto" && size.width < size.height)) && size.width / values.length >= 36;
  return (
    <ul class="dash-bars" aria-label={title} data-upright={isUpright || undefined} data-mode={displayMode} data-stale={isStale || undefined} data-unfilled={showUnfilled || undefined}>
      {values.map((value, i) => (
        <Bar key={`${value.name}\n${i}`} value={value} mode={displayMode} valueMode={valueMode} isUpright={isUpright} hasName={values.length > 1 || value.name !== title} />
      ))}
    </ul>
  );
}

function Bar({ value: { name, shown, options, min: low, max }, mode, valueMode, isUpright, hasName }: { value: OneValue; mode: string; valueMode: string; isUpright: boolean; hasName: boolean }) {
  const min = options.min ?? Math.min(0, low);
  const part = shown.number === null ? 0 : Math.min(1, Math.max(0, (shown.number - min) / (max - min || 1)));
  const percent = `${(part * 100).toFixed(2)}%`;
  return (
    <li style={{ "--bar": cssColor(shown.color), "--part": percent }}>
      {hasName ? <span class="dash-bar-name" title={name}>{name}</span> : null}
      <span class="dash-bar-track" aria-hidden="true">
        <span class="dash-bar-fill" style={mode === "gradient" ? { backgroundImage: gradient(options, { min, max, part, isUpright }) } : {}} />
      </span>
      {valueMode === "hidden" ? null : <span class="dash-bar-value" data-plain={valueMode === "text" || undefined}>{shown.text}</span>}
    </li>
  );
}

/** The colours of the thresholds along the bar, as far as it is filled. */
function gradient(options: OneValue["options"], { min, max, part, isUpright }: { min: number; max: number; part: number; isUpright: boolean }): string {
  if (options.color && !["thresholds", ""].includes(options.color.mode)) return "none";
  const top = min + (max - min) * part;
  const stops = ranges(stepsOf(options.thresholds, min, max), min, Math.max(top, min + (max - min) * 1e-6));
  if (stops.length < 2) return "none";
  const at = (value: number): string => `${(((value - min) / (top - min || 1)) * 100).toFixed(1)}%`;
  return `linear-gradient(${isUpright ? "to top" : "to right"}, ${stops.map(({ from, to, color }) => `${cssColor(color)} ${at((from + to) / 2)}`).join(", ")})`;
}
