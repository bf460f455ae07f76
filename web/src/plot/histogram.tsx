// How values are spread over buckets, as bars side by side.
import { ticks } from "../data/ticks";
import { formatted, tickTexts } from "../data/units";
import type { HistogramSeries } from "./buckets";
import { Swatch } from "./legend";
import { COLORS, cssColor } from "./model";

export interface HistogramProps {
  /** Edges of the buckets, one more than there are counts. */
  bounds: readonly number[];
  series: readonly HistogramSeries[];
  title: string;
  unit?: string;
  decimals?: number;
  countUnit?: string;
  height?: number;
  noData?: string;
}

export function Histogram({ bounds, series, title, unit, decimals, countUnit = "", height = 200, noData }: HistogramProps) {
  const most = Math.max(0, ...series.flatMap(({ counts }) => counts));
  const buckets = bounds.length - 1;
  if (!(most > 0) || buckets < 1) return <p class="empty">{noData ?? "No data"}</p>;
  const lines = ticks(0, most, 4);
  const every = Math.max(1, Math.ceil(bounds.length / 8));
  const edges = tickTexts(bounds, unit, decimals);
  const width = 1 / buckets / series.length;
  const color = (one: HistogramSeries, i: number): string => one.color ?? `series-${i % COLORS}`;
  return (
    <div class="chart">
      <figure class="histogram" aria-label={title} style={{ "--plot-height": `${height}px` }}>
        <div class="histogram-plot">
          {lines.map((line) => (
            <span key={line} class="histogram-line" style={{ bottom: `${(line / most) * 100}%` }} aria-hidden="true">
              <span>{formatted(line, countUnit)}</span>
            </span>
          ))}
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label={`${title}: ${buckets} buckets from ${edges[0]} to ${edges.at(-1)}, at most ${formatted(most, countUnit)} in one`}>
            {series.map((one, k) =>
              one.counts.map((count, i) => (
                <rect key={`${k} ${i}`} x={i / buckets + k * width + width * 0.04} y={1 - count / most} width={width * 0.92} height={count / most} style={{ fill: cssColor(color(one, k)) }}>
                  <title>{`${one.name}: ${formatted(count, countUnit)} from ${edges[i]} to ${edges[i + 1]}`}</title>
                </rect>
              )),
            )}
          </svg>
        </div>
        <div class="histogram-edges" aria-hidden="true">
          {edges.map((text, i) => (i % every === 0 ? <span key={i} data-odd={(i / every) % 2 || undefined} style={{ left: `${(i / buckets) * 100}%` }}>{text}</span> : null))}
        </div>
        {series.length > 1 ? (
          <ul class="legend-plain">
            {series.map((one, i) => (
              <li key={one.name}>
                <Swatch color={color(one, i)} isBlock />
                {one.name}
              </li>
            ))}
          </ul>
        ) : null}
      </figure>
    </div>
  );
}
