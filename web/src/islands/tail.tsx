// The latest log lines. New lines never move one that is being read: an open row or a selection
// holds the list, and a button says how many wait.
import { useEffect, useRef, useState } from "preact/hooks";
import { clock, nsToMs } from "../data/format";
import { severity, takeApart } from "../data/line";
import type { LogRow } from "../data/overview";
import { LineText } from "../parts/line_text";
import { useOverview } from "./hooks";

export function Tail() {
  const { snapshot, error } = useOverview();
  const list = useRef<HTMLOListElement>(null);
  const [held, setHeld] = useState<LogRow[] | null>(null);
  const keys = keyed(snapshot.lines);
  const shown = held ? keyed(held) : keys;
  const known = new Set(shown.map(([key]) => key));
  const waiting = keys.filter(([key]) => !known.has(key)).length;

  useEffect(() => {
    const hold = (): void => {
      const selection = getSelection();
      const isSelected = !!selection && !selection.isCollapsed && !!list.current?.contains(selection.anchorNode);
      if (isSelected) setHeld((rows) => rows ?? snapshot.lines);
    };
    document.addEventListener("selectionchange", hold);
    return () => document.removeEventListener("selectionchange", hold);
  }, [snapshot]);

  const release = (): void => {
    for (const row of list.current?.querySelectorAll("details[open]") ?? []) row.removeAttribute("open");
    getSelection()?.removeAllRanges();
    setHeld(null);
  };
  const toggled = (): void => {
    const isOpen = !!list.current?.querySelector("details[open]");
    if (isOpen) setHeld((rows) => rows ?? snapshot.lines);
    else setHeld(null);
  };

  if (!shown.length) return <p class="empty">No log lines yet.</p>;
  return (
    <div class="tail" data-stale={error !== null || undefined}>
      {held && waiting > 0 ? (
        <button type="button" class="pill" onClick={release}>
          {waiting} new {waiting === 1 ? "line" : "lines"}
        </button>
      ) : null}
      <ol class="lines" ref={list}>
        {shown.map(([key, row]) => (
          <Row key={key} row={row} onToggle={toggled} />
        ))}
      </ol>
    </div>
  );
}

function Row({ row, onToggle }: { row: LogRow; onToggle: () => void }) {
  const line = takeApart(row.line);
  const level = row.level || row.labels.level || row.labels.detected_level || row.labels.severity_text || line.level;
  const kind = severity(level);
  const at = nsToMs(row.timestamp_ns);
  return (
    <li>
      <details class="line" data-severity={kind} onToggle={onToggle}>
        <summary>
          <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
          <span class="level">{kind === "none" ? "" : kind}</span>
          <span class="service">{row.service || "unknown"}</span>
          <span class="line-text">
            <LineText line={line} />
          </span>
        </summary>
        <div class="line-more">
          <pre tabIndex={0}>{row.line}</pre>
          <dl class="labels">
            {Object.entries(row.labels).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      </details>
    </li>
  );
}

/** Rows with keys that stay the same from poll to poll, equal rows told apart from the oldest on. */
function keyed(rows: readonly LogRow[]): [string, LogRow][] {
  const seen = new Map<string, number>();
  const found: [string, LogRow][] = [];
  for (const row of [...rows].reverse()) {
    const base = `${row.timestamp_ns} ${row.service} ${row.line}`;
    const nth = seen.get(base) ?? 0;
    seen.set(base, nth + 1);
    found.push([`${base} ${nth}`, row]);
  }
  return found.reverse();
}
