// A value between two ends as an arc, its thresholds around it.
import { formatValue } from "../data/units";
import { cssColor } from "./model";
import { ringPath } from "./path";
import { colorFor, ranges, type Step } from "./thresholds";

export interface GaugeProps {
  value: number | null;
  title: string;
  min?: number;
  max?: number;
  unit?: string;
  decimals?: number;
  /** Steps as in Grafana; the first holds from `min` on. */
  thresholds?: readonly Step[];
  /** The ring of thresholds around the arc. */
  hasRing?: boolean;
  /** Text in place of the formatted value, such as a mapped one. */
  text?: string;
  /** Shown below the value. */
  name?: string;
  height?: number;
}

/** The arc goes from lower left to lower right: two thirds of a turn. */
const [FROM, TO] = [-1 / 3, 1 / 3];

export function Gauge({ value, title, min = 0, max = 100, unit, decimals, thresholds, hasRing = true, text, name, height = 150 }: GaugeProps) {
  const turn = (at: number): number => FROM + (TO - FROM) * Math.min(1, Math.max(0, (at - min) / (max - min || 1)));
  const shown = formatValue(value, unit, decimals);
  const words = text ?? shown.prefix + shown.text + shown.suffix;
  const isKnown = value !== null && Number.isFinite(value);
  const size = Math.min(34, 185 / Math.max(4, words.length));
  return (
    <div class="gauge" style={{ height: `${height}px` }}>
      <svg viewBox="-100 -100 200 158" role="img" aria-label={`${title}: ${words}`}>
        <path class="gauge-track" d={ringPath(FROM, TO, 88, 66)} />
        {isKnown && turn(value) > FROM ? <path d={ringPath(FROM, turn(value), 88, 66)} style={{ fill: cssColor(colorFor(value, thresholds)) }} /> : null}
        {hasRing && thresholds?.length ? ranges(thresholds, min, max).map(({ from, to, color }) => <path key={from} d={ringPath(turn(from), turn(to), 97, 92)} style={{ fill: cssColor(color) }} />) : null}
        <text class="gauge-value" dy={name ? "0.15em" : "0.3em"} style={{ fontSize: `${size}px` }}>
          {words}
        </text>
        {name ? (
          <text class="gauge-name" y={size * 0.5 + 16}>
            {name}
          </text>
        ) : null}
      </svg>
    </div>
  );
}
