// The series of a chart as a table: which line is which, and its value under the pointer.
import type { Drawing } from "../data/chart";
import { clock } from "../data/format";
import { FEW_KEYS, latest } from "../data/series";
import { inUnit } from "../data/unit";

interface Props {
  drawing: Drawing;
  index: number | null;
  isolated: number | null;
  onIsolate: (index: number | null) => void;
}

export function Legend({ drawing, index, isolated, onIsolate }: Props) {
  const { frame, unit, isRate } = drawing;
  const at = index === null ? undefined : frame.times[index];
  const show = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : inUnit(value, unit, isRate));
  return (
    <div class="legend" tabIndex={0} role="region" aria-label="Series">
      <table>
        <thead>
          <tr>
            <th scope="col">{frame.keys.length && frame.keys.length <= FEW_KEYS ? frame.keys.join(" · ") : "Series"}</th>
            <td>{at === undefined ? "Latest" : clock(at * 1000, false)}</td>
          </tr>
        </thead>
        <tbody>
          {frame.columns.map((column, i) => (
            <tr key={column.name} data-dim={(isolated !== null && isolated !== i) || undefined}>
              <th scope="row">
                <button type="button" aria-pressed={isolated === i} onClick={() => onIsolate(isolated === i ? null : i)} title={title(column.labels)}>
                  <svg class={`swatch series-${i % 8} dash-${Math.floor(i / 8) % 3}`} viewBox="0 0 16 4" aria-hidden="true">
                    <path d="M0 2h16" />
                  </svg>
                  <span>{column.name}</span>
                </button>
              </th>
              <td>{show(index === null ? latest(column.values) : column.values[index])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {frame.total > frame.columns.length ? <p class="legend-note">{`The ${frame.columns.length} largest of ${frame.total} series`}</p> : null}
    </div>
  );
}

function title(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join("\n");
}
