// Lists of this server's own: alerts, dashboards, annotations; the service map.
import { useMemo } from "preact/hooks";
import { joined, sharedParams } from "../../../dashboard/data_links";
import { type DataFrame } from "../../../dashboard/frames";
import { interpolate, type Values } from "../../../dashboard/interpolate";
import { type AlertFound, alertsOf } from "../../../dashboard/others";
import { noDataText } from "../../../dashboard/nothing";
import { numberOf } from "../../../dashboard/reduce";
import type { Listing, Panel } from "../../../dashboard/types";
import { get } from "../../../data/api";
import { ago } from "../../../data/format";
import { formatted } from "../../../data/units";
import { useLoad } from "../../../parts/hooks";
import { Notice } from "../../../parts/notice";
import { timeText } from "../../../plot/time_axis";
import { link } from "../../../state/address";
import { now, useTime } from "../../../state/time";
import type { Marked } from "../../../dashboard/annotations";
import type { BodyProps } from "../types";

const KINDS: Record<string, string> = { critical: "bad", page: "bad", error: "bad", warning: "warn" };

export function AlertsBody({ panel, values }: { panel: Panel; values: Values }) {
  const { tick, window } = useTime();
  const { alertName = "", alertInstanceLabelFilter = "", maxItems = 20, sortOrder = 1 } = panel.options as { alertName?: string; alertInstanceLabelFilter?: string; maxItems?: number; sortOrder?: number };
  const matchers = interpolate(alertInstanceLabelFilter, values);
  const { data, error } = useLoad((signal) => alertsOf(matchers, signal), [matchers, tick, window.end]);
  if (error && !data) return <Notice kind="error">{error}</Notice>;
  const words = interpolate(alertName, values).toLowerCase();
  const found = (data ?? []).filter(({ labels }) => (labels.alertname ?? "").toLowerCase().includes(words));
  if (!data) return null;
  if (!found.length) return <p class="dash-nothing">No alert fires</p>;
  const shown = ordered(found, sortOrder).slice(0, maxItems || 20);
  return (
    <ul class="dash-list">
      {shown.map(({ fingerprint, labels, annotations, startsAt, status }) => (
        <li key={fingerprint}>
          <a href={link(`/alerts/${encodeURIComponent(fingerprint)}`)} data-row>
            <span class="badge" data-kind={KINDS[labels.severity ?? ""]}>
              {status.state === "suppressed" ? "silenced" : (labels.severity ?? "firing")}
            </span>
            <span class="dash-list-text">
              <b>{labels.alertname}</b> {annotations.summary ?? ""}
            </span>
            <time>{ago(now() - Date.parse(startsAt))}</time>
          </a>
        </li>
      ))}
      {found.length > shown.length ? <li class="legend-note">{`and ${found.length - shown.length} more`}</li> : null}
    </ul>
  );
}

/** 1, 2: by name; 3: the gravest first; 4, 5: by time. */
function ordered(alerts: readonly AlertFound[], order: number): AlertFound[] {
  const grave = ({ labels }: AlertFound): number => ["critical", "page", "error", "warning", "info"].indexOf(labels.severity ?? "") & 7;
  const name = ({ labels }: AlertFound): string => labels.alertname ?? "";
  const compare: Record<number, (a: AlertFound, b: AlertFound) => number> = {
    1: (a, b) => name(a).localeCompare(name(b)),
    2: (a, b) => name(b).localeCompare(name(a)),
    3: (a, b) => grave(a) - grave(b),
    4: (a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt),
    5: (a, b) => Date.parse(b.startsAt) - Date.parse(a.startsAt),
  };
  return [...alerts].sort(compare[order] ?? compare[1]);
}

export function DashboardsBody({ panel }: { panel: Panel }) {
  const { query = "", tags = [], maxItems = 10, keepTime = false, includeVars = false } = panel.options as { query?: string; tags?: string[]; maxItems?: number; keepTime?: boolean; includeVars?: boolean };
  const { data, error } = useLoad((signal) => get<Listing>("/api/ui/dashboards", { query }, signal), [query]);
  if (error && !data) return <Notice kind="error">{error}</Notice>;
  if (!data) return null;
  const found = data.dashboards.filter((one) => tags.every((tag) => one.tags.includes(tag)));
  if (!found.length) return <p class="dash-nothing">No dashboard has these tags</p>;
  return (
    <ul class="dash-list">
      {found.slice(0, maxItems || 10).map(({ uid, title, url, folder }) => (
        <li key={uid}>
          <a href={joined(url, sharedParams(location.search, { keepTime, includeVariables: includeVars }))} data-row>
            <span class="dash-list-text">{title}</span>
            <span class="quiet-text">{folder}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** What is marked on the charts, as a list. */
export function AnnotationsBody({ panel, marked, zone }: { panel: Panel; marked: readonly Marked[]; zone: "local" | "utc" }) {
  const most = Number(panel.options.limit) || 10;
  const marks = marked.flatMap(({ annotation, marks: own }) => own.map((mark) => ({ ...mark, name: annotation.name }))).sort((a, b) => b.at - a.at);
  if (!marks.length) return <p class="dash-nothing">Nothing is marked in this window</p>;
  return (
    <ul class="dash-list">
      {marks.slice(0, most).map(({ at, title, text, href, name }, i) => (
        <li key={i}>
          <a href={href ?? link(location.pathname, { from: String(at - 600_000), to: String(at + 600_000) })} data-row>
            <span class="dash-list-text">
              <b>{title}</b> {text}
            </span>
            <span class="quiet-text">{name}</span>
            <time>{timeText(at, 1000, zone)}</time>
          </a>
        </li>
      ))}
    </ul>
  );
}

interface Node {
  name: string;
  level: number;
  x: number;
  y: number;
}

/** Services and who calls whom, callers left of those they call. */
export function GraphBody({ panel, data, title, size, isStale }: BodyProps) {
  const edges = useMemo(() => edgesOf(data.frames), [data]);
  if (!edges.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const nodes = laidOut(edges, size);
  const most = Math.max(...edges.map(({ calls }) => calls), 1);
  return (
    <div class="dash-graph" data-stale={isStale || undefined}>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={`${title}: ${edges.map(({ source, target, calls }) => `${source} calls ${target} ${formatted(calls)} times`).slice(0, 10).join(", ")}`}>
        <defs>
          <marker id={`arrow-${panel.id}`} viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
            <path class="dash-graph-arrow" d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {edges.map(({ source, target, calls }) => {
          const [from, to] = [nodes.get(source), nodes.get(target)];
          if (!from || !to) return null;
          const half = nodeWidth(size) / 2;
          const middle = (from.x + half + to.x - half) / 2;
          return (
            <g key={`${source}\n${target}`}>
              <path class="dash-graph-edge" d={`M${from.x + half} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x - half - 2} ${to.y}`} marker-end={`url(#arrow-${panel.id})`} style={{ strokeWidth: `${1 + (calls / most) * 2}px` }} />
              <text class="dash-graph-calls" x={middle} y={(from.y + to.y) / 2 - 6}>
                {formatted(calls)}
              </text>
            </g>
          );
        })}
        {[...nodes.values()].map(({ name, x, y }) => (
          <a key={name} href={link(`/services/${encodeURIComponent(name)}`)}>
            <rect class="dash-graph-node" x={x - nodeWidth(size) / 2} y={y - 15} width={nodeWidth(size)} height={30} rx={5} />
            <text class="dash-graph-name" x={x} y={y + 4}>
              {name.length > 18 ? `${name.slice(0, 17)}…` : name}
            </text>
          </a>
        ))}
      </svg>
    </div>
  );
}

const nodeWidth = ({ width }: { width: number }): number => Math.max(70, Math.min(140, width / 6));

function edgesOf(frames: readonly DataFrame[]): { source: string; target: string; calls: number }[] {
  const frame = frames.find(({ fields }) => fields.some(({ name }) => name === "source") && fields.some(({ name }) => name === "target"));
  const column = (name: string): unknown[] => frame?.fields.find((field) => field.name === name)?.values ?? [];
  const [targets, calls] = [column("target"), column("calls")];
  return column("source").map((source, i) => ({ source: String(source), target: String(targets[i]), calls: numberOf(calls[i]) ?? 0 })).slice(0, 80);
}

/** A column per distance from those that nobody calls. */
function laidOut(edges: readonly { source: string; target: string }[], { width, height }: { width: number; height: number }): Map<string, Node> {
  const names = [...new Set(edges.flatMap(({ source, target }) => [source, target]))];
  const levels = new Map(names.map((name) => [name, 0]));
  // As many rounds as there are services: calls in a circle stop there.
  for (let round = 0; round < names.length; round += 1)
    for (const { source, target } of edges) {
      const level = (levels.get(source) ?? 0) + 1;
      if (source !== target && level > (levels.get(target) ?? 0) && level < names.length) levels.set(target, level);
    }
  const deepest = Math.max(...levels.values(), 0);
  const columns = new Map<number, string[]>();
  for (const [name, level] of levels) columns.set(level, [...(columns.get(level) ?? []), name]);
  const half = nodeWidth({ width }) / 2 + 6;
  return new Map(
    names.map((name) => {
      const level = levels.get(name) ?? 0;
      const column = columns.get(level) ?? [];
      return [name, { name, level, x: half + (deepest ? (level / deepest) * (width - 2 * half) : width / 2 - half), y: ((column.indexOf(name) + 0.5) / column.length) * height }];
    }),
  );
}
