// Logs and lists of traces.
import { useMemo } from "preact/hooks";
import { noDataText } from "../../../dashboard/nothing";
import { shownLines, type ShownLine } from "../../../dashboard/log_lines";
import { formatted } from "../../../data/units";
import { timeText } from "../../../plot/time_axis";
import { link } from "../../../state/address";
import type { BodyProps } from "../types";

interface LogOptions {
  showTime?: boolean;
  showLabels?: boolean;
  showCommonLabels?: boolean;
  wrapLogMessage?: boolean;
  prettifyLogMessage?: boolean;
  sortOrder?: string;
  dedupStrategy?: string;
}

/** Rows drawn; the answer is limited, too. */
const MOST = 500;

export function LogsBody({ panel, data, title, zone, isStale }: BodyProps) {
  const options = panel.options as LogOptions;
  const lines = useMemo(() => shownLines(data.frames, { newestFirst: options.sortOrder !== "Ascending", dedup: options.dedupStrategy ?? "none", isPretty: options.prettifyLogMessage === true }), [data, panel]);
  if (!lines.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  return (
    <ol class="dash-logs" tabindex={0} aria-label={title} data-wrap={options.wrapLogMessage || undefined} data-stale={isStale || undefined}>
      {lines.slice(0, MOST).map((line, i) => (
        <LogLine key={i} line={line} options={options} zone={zone} />
      ))}
    </ol>
  );
}

function LogLine({ line, options, zone }: { line: ShownLine; options: LogOptions; zone: "local" | "utc" }) {
  const { level, trace } = line;
  return (
    <li data-level={level}>
      {options.showTime === false ? null : <time>{timeText(line.at, 1, zone)}</time>}
      <span class="dash-log-level">{level === "unknown" ? "" : level}</span>
      {options.showLabels ? <span class="dash-log-labels">{Object.entries(line.labels).map(([name, value]) => `${name}=${value}`).join(" ")}</span> : null}
      <span class="dash-log-text">
        {line.message}
        {trace ? <a href={link(`/traces/${encodeURIComponent(trace)}`)}>trace</a> : null}
        {line.more ? <span class="count">{`${line.more + 1} times`}</span> : null}
      </span>
    </li>
  );
}

export function TracesBody({ panel, data, title, zone, isStale }: BodyProps) {
  const rows = data.frames.flatMap((frame) => {
    const column = (name: string): unknown[] => frame.fields.find((field) => field.name === name)?.values ?? [];
    const [starts, services, names, durations] = [column("Start"), column("Service"), column("Name"), column("Duration")];
    return column("Trace ID").map((id, i) => ({ id: String(id), at: Number(starts[i]), service: String(services[i] ?? ""), name: String(names[i] ?? ""), ms: Number(durations[i]) }));
  });
  if (!rows.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const longest = Math.max(...rows.map(({ ms }) => ms), 1);
  return (
    <ol class="dash-traces" tabindex={0} aria-label={title} data-stale={isStale || undefined}>
      {rows.slice(0, MOST).map(({ id, at, service, name, ms }, i) => (
        <li key={i} style={{ "--part": `${Math.max(1, (ms / longest) * 100)}%` }}>
          <a href={link(`/traces/${encodeURIComponent(id)}`)} data-row>
            <span class="dash-trace-name">
              <b>{service || "unknown"}</b> {name}
            </span>
            <span>{formatted(ms, "ms")}</span>
            <time>{timeText(at, 1000, zone)}</time>
          </a>
        </li>
      ))}
    </ol>
  );
}
