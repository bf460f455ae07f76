// The largest of something as horizontal bars, with names and values.
import { formatted } from "../data/units";
import { cssColor, shorten } from "./model";
import { colorFor, type Step } from "./thresholds";

export interface BarItem {
  name: string;
  value: number | null;
  /** A CSS colour or a token; by thresholds otherwise. */
  color?: string;
  href?: string;
  title?: string;
  /** Text in place of the formatted value, such as a mapped one. */
  text?: string;
}

export interface BarListProps {
  items: readonly BarItem[];
  title: string;
  unit?: string;
  decimals?: number;
  /** Ends of the bars; the largest value otherwise. */
  min?: number;
  max?: number;
  thresholds?: readonly Step[];
  /** More are counted, not shown. */
  most?: number;
  onItem?: (item: BarItem, options: { alt: boolean }) => void;
  noData?: string;
}

export function BarList({ items, title, unit, decimals, min = 0, max, thresholds, most = 50, onItem, noData }: BarListProps) {
  if (!items.length) return <p class="empty">{noData ?? "No data"}</p>;
  const shown = items.slice(0, most);
  const high = max ?? Math.max(...shown.map(({ value }) => value ?? min), min);
  return (
    <div class="bar-list">
      <ol aria-label={title}>
        {shown.map((item, i) => {
          const part = item.value === null || !(high > min) ? 0 : Math.min(1, Math.max(0, (item.value - min) / (high - min)));
          return (
            <li key={`${item.name}\n${i}`} title={item.title ?? item.name}>
              <span class="bar-list-name">
                {onItem ? (
                  <button type="button" onClick={(event) => onItem(item, { alt: event.altKey })}>
                    {shorten(item.name, 90)}
                  </button>
                ) : item.href ? (
                  <a href={item.href}>{shorten(item.name, 90)}</a>
                ) : (
                  shorten(item.name, 90)
                )}
              </span>
              <span class="bar-list-value">{item.text ?? formatted(item.value, unit, decimals)}</span>
              <span class="bar-list-bar" aria-hidden="true">
                <span style={{ width: `${part * 100}%`, background: cssColor(item.color ?? colorFor(item.value, thresholds)) }} />
              </span>
            </li>
          );
        })}
      </ol>
      {items.length > shown.length ? <p class="legend-note">{`and ${items.length - shown.length} more`}</p> : null}
    </div>
  );
}
