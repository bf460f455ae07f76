// A chart in words, and its numbers as a table, for those who do not see it.
import { formatted } from "../data/units";
import { calc } from "./calcs";
import type { Line, Window } from "./model";
import { timeText } from "./time_axis";

/** Lines named in the summary, and rows of the hidden table. */
const FIRST = 3;
const MOST = 50;

export function summaryOf(title: string, lines: readonly Line[], { start, end }: Window, zone: "local" | "utc", unitOf: (line: Line) => string, decimals?: number): string {
  const step = end - start < 120_000 ? 1 : 60_000;
  const value = (line: Line, what: "last" | "max"): string => formatted(calc(line.series.values, what), unitOf(line), line.series.decimals ?? decimals);
  const first = lines.slice(0, FIRST).map((line) => `${line.series.name}: last ${value(line, "last")}, max ${value(line, "max")}`);
  return [`${title}: chart of ${lines.length} series, ${timeText(start, step, zone)} to ${timeText(end, step, zone)}`, ...first].join(". ");
}

export function ValueTable({ title, lines, unitOf, decimals }: { title: string; lines: readonly Line[]; unitOf: (line: Line) => string; decimals: number | undefined }) {
  const shown = lines.slice(0, MOST);
  return (
    <div class="hidden-text">
      <table>
        <caption>{lines.length > shown.length ? `${title}: the first ${MOST} of ${lines.length} series` : title}</caption>
        <thead>
          <tr>
            {["Series", "Last", "Min", "Max"].map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.key}>
              <th scope="row">{line.series.name}</th>
              {(["last", "min", "max"] as const).map((what) => (
                <td key={what}>{formatted(calc(line.series.values, what), unitOf(line), line.series.decimals ?? decimals)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
