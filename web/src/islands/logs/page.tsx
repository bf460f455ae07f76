// The logs page: a query, its volume, fields and lines. The address holds everything.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type FieldFilter, levelFilter, withField, withLevel, withPattern } from "../../data/log_filters";
import type { Level } from "../../data/log_level";
import { type LogRow, type LogStream, rowsOf } from "../../data/log_row";
import { volumeOf, volumeQuery, volumeStep } from "../../data/log_volume";
import { isWords, toLogql } from "../../data/log_words";
import { isMetric } from "../../data/logql_text";
import { boundsOf, fields, series } from "../../data/loki_api";
import { queryError } from "../../data/query_error";
import { useLoad } from "../../parts/hooks";
import { navigate, useAddress } from "../../state/address";
import { setRange, time, useTime, zoomOut } from "../../state/time";
import { FirstLines } from "./empty";
import { Facets } from "./facets";
import { LineList } from "./lines";
import { MetricResult } from "./metric";
import { Patterns } from "./patterns";
import { QueryBar } from "./query_bar";
import { Toolbar } from "./toolbar";
import type { LogsProps, ServedRow } from "./types";
import { useLines } from "./use_lines";
import { tailStart, useTail } from "./use_tail";
import { VolumePanel } from "./volume_panel";

/** Parameters of shared links that become a query. */
const SHARED = ["svc", "env", "level", "trace", "m", "query", "expr"];
const USUAL_LIMIT = 1000;
const DAY_MS = 86_400_000;

export function Logs(given: LogsProps) {
  const [streamLabels, setStreamLabels] = useState(given.stream_labels);
  if (!streamLabels.length) return <FirstLines props={given} onFirst={setStreamLabels} />;
  return <Explorer {...given} stream_labels={streamLabels} />;
}

function Explorer(props: LogsProps) {
  const params = useAddress();
  const { window, tick, zone, isLive } = useTime();
  const isShared = SHARED.some((name) => params.has(name));
  useEffect(() => {
    if (isShared) navigate({ q: props.text || null, ...Object.fromEntries(SHARED.map((name) => [name, null])) }, { replace: true });
  }, [isShared]);

  const text = isShared ? props.text : (params.get("q") ?? "");
  const query = toLogql(text, props.selector);
  const isNumbers = isMetric(query);
  const limit = Number(params.get("limit")) || USUAL_LIMIT;
  const newestFirst = params.get("order") !== "oldest";
  const isWrapped = params.get("wrap") === "1";
  const view = params.get("view") === "patterns" ? "patterns" : "lines";
  const cols = params.get("cols") ?? "";
  const columns = useMemo(() => cols.split(",").filter(Boolean), [cols]);
  const hasDate = window.end - window.start > DAY_MS;
  const rowView = useMemo(() => ({ columns, isUtc: zone === "utc", hasDate }), [columns, zone, hasDate]);
  const isTailing = isLive && !isNumbers && view === "lines";

  const asked = isNumbers || isTailing || view !== "lines" ? null : { query, window, tick, limit, newestFirst };
  const lines = useLines(asked, () => (newestFirst ? servedRows(props.rows) : []));
  const held = useRef(false);
  const labels = useMemo(() => new Set(props.stream_labels), [props.stream_labels]);
  const live = useTail(isTailing ? query : null, tailStart(window.start), labels, () => held.current);
  const tail = isTailing ? live : null;

  const bounds = boundsOf(window);
  // Fields are looked for once the lines are here: a query that fails keeps those of the one before.
  const known = useRef<string | null>(null);
  if (!isNumbers && (isTailing || view !== "lines" || lines.answered === query)) known.current = query;
  const facetQuery = isNumbers ? null : known.current;
  const facets = useLoad(facetQuery === null ? null : async (signal) => ({ ...(await fields(facetQuery, bounds, signal)), query: facetQuery }), [facetQuery, window.start, isTailing ? 0 : window.end, tick]);
  const hasNumbers = facets.data?.fields.some((field) => field.name === "level" && field.values.some(([value]) => /^[1-6]0$/.test(value))) ?? false;
  const step = volumeStep(window);
  const volume = useLoad(isNumbers ? null : async (signal) => ({ found: volumeOf(await series(volumeQuery(query, step, hasNumbers), stepped(window, step), step, signal), window, step), query }), [query, hasNumbers, step, window.start, window.end, tick]);
  const [metricError, setMetricError] = useState<string | null>(null);
  const [isFieldsShown, setFieldsShown] = useState(false);

  const failure = isNumbers ? metricError : (tail?.error ?? lines.error);
  const error = useMemo(() => (failure ? queryError(query, failure) : null), [failure, query]);
  const setText = (next: string): void => navigate({ q: next.trim() === "" || next === props.selector ? null : next, line: null });
  const onField = (field: FieldFilter, isExcluded: boolean): void => setText(withField(query, field, isExcluded));
  const onPattern = (pattern: string, isExcluded: boolean): void => navigate({ q: withPattern(query, pattern, isExcluded), view: null, line: null });
  const onLevel = (level: Level, isExcluded: boolean): void => setText(withLevel(query, level, isExcluded, hasNumbers));
  const onColumn = (name: string): void => {
    const next = columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name];
    navigate({ cols: next.length ? next.join(",") : null }, { replace: true });
  };
  const onWrap = useMemo(() => (): void => navigate({ wrap: new URLSearchParams(location.search).get("wrap") === "1" ? null : "1" }, { replace: true }), []);
  const linkTo = (row: LogRow): string => linkToLine(row, isWords(text) || text === "" ? text : query);

  const copied = { query, window, limit, newestFirst, loki: props.loki || location.origin };
  const total = volume.data && volume.data.query === query ? volume.data.found.total : null;
  return (
    <>
      <QueryBar text={text} query={query} selector={props.selector} error={error} onRun={setText} />
      {isNumbers || (failure && !volume.data) ? null : <VolumePanel volume={volume.data?.found ?? null} error={failure ? null : volume.error} isStale={volume.error !== null || volume.data?.query !== query} chosen={levelFilter(query)} onLevel={onLevel} />}
      <div class="log-main" data-whole={isNumbers || view !== "lines" || undefined}>
        {isNumbers || view !== "lines" ? null : (
          <Facets
            fields={facets.data?.fields ?? []}
            lines={facets.data?.lines ?? 0}
            isStale={facets.error !== null || (facets.data !== null && facets.data.query !== query)}
            isShown={isFieldsShown}
            columns={columns}
            onField={onField}
            onColumn={onColumn}
            onClose={() => setFieldsShown(false)}
          />
        )}
        <div class="log-result">
          <Toolbar
            copied={copied}
            view={view}
            isMetric={isNumbers}
            isWrapped={isWrapped}
            onView={(next) => navigate({ view: next === "lines" ? null : next })}
            onWrap={onWrap}
            onOrder={(isNewest) => navigate({ order: isNewest ? null : "oldest" })}
            onLimit={(next) => navigate({ limit: next === USUAL_LIMIT ? null : String(next) })}
            onFields={() => setFieldsShown(!isFieldsShown)}
          />
          {isNumbers ? (
            <MetricResult query={query} onError={setMetricError} />
          ) : view === "patterns" ? (
            <Patterns query={query} onPattern={onPattern} />
          ) : (
            <LineList
              lines={lines}
              tail={tail}
              held={held}
              view={rowView}
              isWrapped={isWrapped}
              onWrap={onWrap}
              actions={{ onField, onPattern, onColumn, linkTo }}
              total={total}
              target={params.get("line") ?? ""}
              onWider={wider}
            />
          )}
        </div>
      </div>
    </>
  );
}

function servedRows(rows: readonly ServedRow[]): LogRow[] {
  const streams = rows.map(({ timestamp_ns, line, labels, metadata, fields: parsed }) => ({ stream: labels, values: [[timestamp_ns, line, { structuredMetadata: metadata, parsed }]] as LogStream["values"] }));
  return rowsOf(streams, true);
}

/** Whole steps that cover the window, as each point counts the step before it. */
function stepped(window: { start: number; end: number }, step: number): { start: number; end: number } {
  const size = step * 1000;
  return { start: Math.floor(window.start / size) * size + size, end: Math.ceil(window.end / size) * size };
}

/** A window that ends now and is some times longer, or twice as long around the same middle. */
function wider(): void {
  const { range, window } = time();
  if (range.to === "now") setRange({ from: `now-${Math.min(30 * 24, Math.max(1, Math.round(((window.end - window.start) * 6) / 3_600_000)))}h`, to: "now" });
  else zoomOut();
}

/** The page with this line opened, ten minutes around it. */
function linkToLine(row: LogRow, text: string): string {
  const url = new URL(location.href);
  url.searchParams.set("from", String(row.ms - 300_000));
  url.searchParams.set("to", String(row.ms + 300_000));
  if (text) url.searchParams.set("q", text);
  url.searchParams.set("line", row.ns);
  url.searchParams.delete("live");
  return url.href;
}
