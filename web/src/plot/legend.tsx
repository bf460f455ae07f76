// The lines of a chart by name, with what they come to; chooses which are shown.
import { formatted } from "../data/units";
import { calc, type Calc, CALC_NAMES } from "./calcs";
import { cssColor, type Line, type Series, shorten } from "./model";

export type LegendForm = "table" | "list" | "right" | "none";

interface Props {
  /** Of the chart. */
  title: string;
  form: LegendForm;
  lines: readonly Line[];
  calcs: readonly Calc[];
  unitOf: (line: Line) => string;
  decimals: number | undefined;
  hidden: ReadonlySet<string>;
  /** A click: shows this line only, or all again; `isToggle` shows or hides this one. */
  onChoose: (line: Line, isToggle: boolean) => void;
  onHighlight: (index: number | null) => void;
  onSeries: ((series: Series, options: { alt: boolean }) => void) | undefined;
  /** What tells the lines apart, such as the names of their labels. */
  heading: string;
  note: string;
}

/** More lines than this are not listed; the chart draws them all. */
const MOST = 200;
const NAME_LENGTH = 80;

export function Legend(props: Props) {
  const listed = props.lines.filter((line) => !line.style.hideInLegend).slice(0, MOST);
  const left = props.lines.filter((line) => !line.style.hideInLegend).length - listed.length;
  const note = [left > 0 ? `and ${left} more series` : "", props.note].filter(Boolean).join(". ");
  return (
    <div class={`legend legend-${props.form}`} role="group" aria-label={`Series of ${props.title}`} onMouseLeave={() => props.onHighlight(null)}>
      {props.form === "list" ? (
        <ul>
          {listed.map((line) => (
            <li key={line.key} data-dim={props.hidden.has(line.key) || undefined}>
              <Name line={line} {...props} />
              {props.calcs.map((what) => (
                <span key={what} class="legend-value">
                  {props.calcs.length > 1 ? `${CALC_NAMES[what]} ` : ""}
                  {valueOf(line, what, props)}
                </span>
              ))}
              <Filter line={line} {...props} />
            </li>
          ))}
        </ul>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{props.heading}</th>
              {props.calcs.map((what) => (
                <th key={what} scope="col">
                  {CALC_NAMES[what]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.map((line) => (
              <tr key={line.key} data-dim={props.hidden.has(line.key) || undefined}>
                <th scope="row">
                  <span class="legend-entry">
                    <Name line={line} {...props} />
                    <Filter line={line} {...props} />
                  </span>
                </th>
                {props.calcs.map((what) => (
                  <td key={what}>{valueOf(line, what, props)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {note ? <p class="legend-note">{note}</p> : null}
    </div>
  );
}

function Name({ line, lines, hidden, onChoose, onHighlight }: Props & { line: Line }) {
  const index = lines.indexOf(line);
  const point = (): void => onHighlight(hidden.has(line.key) ? null : index);
  return (
    <button
      type="button"
      class="legend-name"
      aria-pressed={!hidden.has(line.key)}
      title={`${title(line.series)}\nClick: only this one. Ctrl-click: show or hide.`}
      onClick={(event) => onChoose(line, event.ctrlKey || event.metaKey || event.shiftKey)}
      onMouseEnter={point}
      onFocus={point}
      onBlur={() => onHighlight(null)}
    >
      <Swatch color={line.color} pattern={line.pattern} isBlock={line.style.draw !== "line"} />
      <span>{shorten(line.series.name, NAME_LENGTH)}</span>
    </button>
  );
}

function Filter({ line: { series }, onSeries }: Props & { line: Line }) {
  if (!onSeries) return null;
  return (
    <button type="button" class="legend-filter" title="Filter for this. Alt-click: exclude it." aria-label={`Filter for ${series.name}`} onClick={(event) => onSeries(series, { alt: event.altKey })}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 3h12l-4.6 5.4V13l-2.8-1.6v-3z" />
      </svg>
    </button>
  );
}

/** A piece of the line, dashes included, or a block. */
export function Swatch({ color, pattern = 0, isBlock = false }: { color: string; pattern?: number; isBlock?: boolean }) {
  return (
    <svg class={isBlock ? "swatch swatch-block" : `swatch dash-${pattern}`} viewBox="0 0 16 4" style={{ color: cssColor(color) }} aria-hidden="true">
      <path d="M0 2h16" />
    </svg>
  );
}

function valueOf(line: Line, what: Calc, { unitOf, decimals }: Props): string {
  return formatted(calc(line.series.values, what), what === "count" ? "" : unitOf(line), line.series.decimals ?? decimals);
}

function title({ name, labels }: Series): string {
  const list = Object.entries(labels ?? {}).map(([key, value]) => `${key}="${value}"`);
  return list.length ? list.join("\n") : name;
}
