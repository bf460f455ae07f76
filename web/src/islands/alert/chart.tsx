// The value that an alert's rule watches, with its threshold and when it pended and fired.
import { figure, type RuleOfAlert, seriesOf } from "../../data/alerts";
import { valuesOf } from "../../data/alerts_api";
import type { QuerySeries } from "../../data/prometheus_api";
import type { Window } from "../../data/time_range";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import type { Frame, Mark, Threshold } from "../../plot/model";
import { TimeChart } from "../../plot/time_chart";
import { useTime } from "../../state/time";

interface Span {
  state: "pending" | "firing";
  from: number;
  to: number;
}

const POINTS = 240;
/** Other series of the same expression that are drawn beside the alert's. */
const MOST = 20;

export function AlertChart({ rule, labels, window, spans }: { rule: RuleOfAlert; labels: Record<string, string>; window: Window; spans: readonly Span[] }) {
  const { zone } = useTime();
  const { data, error } = useLoad((signal) => valuesOf(rule.language, rule.watched.expr, window, POINTS, signal), [rule.watched.expr, window.start, window.end]);
  if (error) return <Notice kind="error">{error}</Notice>;
  const frame = data ? frameOf(data, labels, window) : { times: [], series: [] };
  const { op, threshold } = rule.watched;
  const thresholds: Threshold[] = threshold === null ? [] : [{ value: threshold, color: "bad", label: `${op} ${figure(threshold)}`, fill: false }];
  const marks: Mark[] = spans.map((span) => ({ at: span.from, until: span.to, title: span.state === "firing" ? "Firing" : "Pending", color: span.state === "firing" ? "bad" : "warn" }));
  return <TimeChart frame={frame} window={window} title={`Value of ${rule.name}`} height={200} {...bounds(frame, threshold)} marks={marks} thresholds={thresholds} legend="list" tz={zone} noData={data ? "The expression gave no values in this time" : "Loading…"} />;
}

/** Room for the threshold where the values do not come near it. */
function bounds(frame: Frame, threshold: number | null): { min?: number; max?: number } {
  const values = frame.series.flatMap((one) => [...one.values]).filter((value): value is number => value !== null && Number.isFinite(value));
  if (threshold === null || !values.length) return {};
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (Math.max(high, threshold) - Math.min(low, threshold)) * 0.15;
  if (threshold < low) return { min: threshold >= 0 ? Math.max(0, threshold - room) : threshold - room };
  return threshold > high ? { max: threshold + room } : {};
}

/** The alert's own series first; the others of the expression behind it. */
function frameOf(found: readonly QuerySeries[], labels: Record<string, string>, window: Window): Frame {
  const row = { name: labels["alertname"] ?? "", severity: labels["severity"] ?? "", labels: Object.entries(labels) };
  const own = seriesOf(found, row);
  const shown = own ? [own] : found.slice(0, MOST);
  const step = Math.max(5, Math.ceil((window.end - window.start) / 1000 / POINTS));
  const start = window.start / 1000;
  const times = Array.from({ length: Math.floor((window.end - window.start) / 1000 / step) + 1 }, (_, i) => start + i * step);
  return {
    times,
    series: shown.map((one) => {
      const values: (number | null)[] = times.map(() => null);
      for (const [at, text] of one.values ?? []) {
        const place = Math.round((at - start) / step);
        if (place >= 0 && place < values.length) values[place] = Number(text);
      }
      return { name: nameOf(one.metric), labels: one.metric, values };
    }),
  };
}

function nameOf(metric: Record<string, string>): string {
  const { __name__: name = "", ...rest } = metric;
  const pairs = Object.entries(rest).map(([label, value]) => `${label}="${value}"`);
  return pairs.length ? `${name}{${pairs.join(", ")}}` : name || "value";
}
