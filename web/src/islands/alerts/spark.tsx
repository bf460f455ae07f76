// The value of an alert against its threshold, and how it got there; loaded when it is seen.
import { useEffect, useRef, useState } from "preact/hooks";
import { type AlertRow, figure } from "../../data/alerts";
import type { Window } from "../../data/time_range";
import { Sparkline } from "../../plot/sparkline";
import { useTime } from "../../state/time";
import { lineOf, sparkValues } from "./spark_source";

export function AlertValue({ row }: { row: AlertRow }) {
  const { window } = useTime();
  const place = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(place);
  const line = useLine(row, window, isSeen);
  const { rule } = row;
  const threshold = rule?.watched.threshold ?? null;
  return (
    <div class="alert-value" ref={place}>
      {rule?.value !== null && rule?.value !== undefined ? (
        <span class="mono">
          {figure(rule.value)}
          {threshold === null ? null : (
            <span class="quiet-text">
              {" "}
              {rule.watched.op} {figure(threshold)}
            </span>
          )}
        </span>
      ) : null}
      {line ? <Line line={line} threshold={threshold} /> : <span class="spark-place" />}
    </div>
  );
}

function Line({ line, threshold }: { line: (number | null)[]; threshold: number | null }) {
  const values = line.filter((one): one is number => one !== null);
  const low = Math.min(...values, threshold ?? Infinity);
  const high = Math.max(...values, threshold ?? -Infinity);
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const [min, max] = [low - room, high + room];
  return (
    <span class="spark">
      <Sparkline values={line} title="" width={120} height={26} color="accent" min={min} max={max} fill={false} />
      {threshold === null ? null : (
        <svg class="spark-threshold" viewBox="0 0 120 26" width={120} height={26} preserveAspectRatio="none" aria-hidden="true">
          <line x1="0" x2="120" y1={26 - ((threshold - min) / (max - min)) * 26} y2={26 - ((threshold - min) / (max - min)) * 26} />
        </svg>
      )}
    </span>
  );
}

/** Whether an element has been on the screen. */
function useSeen(place: { current: HTMLElement | null }): boolean {
  const [isSeen, set] = useState(false);
  useEffect(() => {
    if (!place.current) return undefined;
    const watcher = new IntersectionObserver((found) => {
      if (found.some((one) => one.isIntersecting)) set(true);
    });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);
  return isSeen;
}

function useLine(row: AlertRow, window: Window, isSeen: boolean): (number | null)[] | null {
  const [line, set] = useState<(number | null)[] | null>(null);
  const { rule } = row;
  useEffect(() => {
    if (!isSeen || !rule || rule.language === "traceql") return undefined;
    let isGone = false;
    void sparkValues(rule.language, rule.watched.expr, window).then((found) => {
      if (!isGone && found) set(lineOf(found, row, window));
    });
    return () => {
      isGone = true;
    };
  }, [row.fingerprint, rule?.watched.expr, window.start, window.end, isSeen]);
  return line;
}
