// Shares of a whole as a ring or a pie, with a legend that says the numbers.
import { formatted } from "../data/units";
import { Swatch } from "./legend";
import { COLORS, cssColor, shorten } from "./model";
import { ringPath } from "./path";

export interface Slice {
  name: string;
  value: number;
  color?: string;
  href?: string;
}

export interface PieProps {
  slices: readonly Slice[];
  title: string;
  unit?: string;
  decimals?: number;
  donut?: boolean;
  legend?: "list" | "right" | "none";
  /** Numbers of the legend. */
  shows?: readonly ("value" | "percent")[];
  height?: number;
  noData?: string;
}

/** Slices beyond these are one, as slivers cannot be read. */
const MOST = 15;

export function Pie({ slices, title, unit, decimals, donut = true, legend = "right", shows = ["value", "percent"], height = 180, noData }: PieProps) {
  const drawn = gathered(slices);
  const total = drawn.reduce((sum, { value }) => sum + value, 0);
  if (!(total > 0)) return <p class="empty">{noData ?? "No data"}</p>;
  const share = (value: number): string => formatted(value / total, "percentunit", value / total < 0.1 ? 1 : 0);
  let from = 0;
  return (
    <div class="chart">
      <div class="pie" data-legend={legend}>
        <svg viewBox="-100 -100 200 200" style={{ height: `${height}px` }} role="img" aria-label={`${title}: ${drawn.slice(0, 5).map(({ name, value }) => `${name} ${share(value)}`).join(", ")}`}>
          {drawn.map(({ name, value, color }) => {
            const path = ringPath(from, from + value / total, 98, donut ? 58 : 0);
            from += value / total;
            return (
              <path key={name} class="pie-slice" d={path} style={{ fill: cssColor(color) }}>
                <title>{`${name}: ${formatted(value, unit, decimals)}, ${share(value)}`}</title>
              </path>
            );
          })}
          {donut ? (
            <text class="pie-total" dy="0.35em">
              {formatted(total, unit, decimals)}
            </text>
          ) : null}
        </svg>
        {legend === "none" ? null : (
          <ul class="pie-legend">
            {drawn.map(({ name, value, color, href }) => (
              <li key={name}>
                <Swatch color={color} isBlock />
                <span class="pie-name" title={name}>
                  {href ? <a href={href}>{shorten(name, 60)}</a> : shorten(name, 60)}
                </span>
                {shows.includes("value") ? <span>{formatted(value, unit, decimals)}</span> : null}
                {shows.includes("percent") ? <span class="legend-value">{share(value)}</span> : null}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** Largest first; what is too much becomes one slice. Values that are no share are left out. */
export function gathered(slices: readonly Slice[]): (Slice & { color: string })[] {
  const real = slices.filter(({ value }) => Number.isFinite(value) && value > 0).sort((a, b) => b.value - a.value);
  const kept = real.length > MOST ? real.slice(0, MOST - 1) : real;
  const rest = real.slice(kept.length);
  const shown = kept.map((slice, i) => ({ ...slice, color: slice.color ?? `series-${i % COLORS}` }));
  return rest.length ? [...shown, { name: `${rest.length} others`, value: rest.reduce((sum, { value }) => sum + value, 0), color: "line-strong" }] : shown;
}
