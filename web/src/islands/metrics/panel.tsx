// One panel: a query, and its answer as a graph, a table or explained.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Panel, PanelTab } from "../../data/panels";
import { unitOf } from "../../data/metric_query";
import { queryInstant, queryRange, type QuerySeries } from "../../data/prometheus_api";
import { queryError } from "../../data/query_error";
import { align, type MatrixSeries } from "../../data/series";
import { stepFor } from "../../data/url";
import { Editor } from "../../editor/editor";
import { sourceFor } from "../../editor/source";
import { CopyAs, quoted } from "../../parts/copy_as";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";
import { Tabs } from "../../parts/tabs";
import { TimeChart } from "../../plot/time_chart";
import { time, useTime, zoom, zoomOut } from "../../state/time";
import { ResultTable } from "./table";

const TABS = [
  { id: "graph", label: "Graph" },
  { id: "table", label: "Table" },
];

export interface PanelProps {
  index: number;
  panel: Panel;
  onChange: (part: Partial<Panel>) => void;
  onRemove: (() => void) | null;
  /** It has the focus. */
  onUse: () => void;
}

export function PanelView({ index, panel, onChange, onRemove, onUse }: PanelProps) {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => setDraft(null), [panel.expr]); // chosen from the list, or by Back
  const { window, tick, zone } = useTime();
  const step = panel.step ?? stepFor((window.end - window.start) / 1000);
  const isGraph = panel.tab === "graph";
  const source = useMemo(() => sourceFor("promql", () => time().window), []);
  const { data, error, isLoading } = useLoad(
    panel.expr
      ? async (signal) => ({ isGraph, window, step, answer: isGraph ? await queryRange(panel.expr, aligned(window, step), step, signal) : await queryInstant(panel.expr, window.end, signal) })
      : null,
    [panel.expr, isGraph, step, window.start, window.end, tick],
  );
  const problem = error ? queryError(panel.expr, error) : null;
  return (
    <section class="panel metrics-panel" aria-label={`Panel ${index + 1}`} onFocusCapture={onUse}>
      <div class="metrics-query" data-search={index === 0 ? "" : undefined}>
        <Editor language="promql" label={`Query of panel ${index + 1}`} value={draft ?? panel.expr} onChange={setDraft} onRun={(expr) => onChange({ expr: expr.trim() })} placeholder="PromQL, such as rate(http_requests_total[5m])" error={problem} source={source} />
        <button type="button" class="button" onClick={() => onChange({ expr: (draft ?? panel.expr).trim() })}>
          Run
        </button>
      </div>
      <div class="metrics-head">
        <Tabs label="Shown as" tabs={TABS} value={panel.tab} onChoose={(id) => onChange({ tab: id as PanelTab })} />
        <span class="spacer" />
        <CopyAs forms={forms(panel, window, step)} />
        {onRemove ? (
          <button type="button" class="tool quiet" aria-label={`Remove panel ${index + 1}`} onClick={onRemove}>
            <Icon name="close" />
          </button>
        ) : null}
      </div>
      {isLoading ? <div class="loading-line" /> : null}
      {data?.answer.warnings.map((text) => (
        <Notice key={text} kind="warning">
          {text}
        </Notice>
      ))}
      {data && data.isGraph === isGraph ? (
        isGraph && data.answer.data.resultType === "matrix" ? (
          <TimeChart title={panel.expr} unit={unitOf(panel.expr)} frame={frameOf(data.answer.data.result, aligned(data.window, data.step), data.step)} window={data.window} tz={zone} isStale={error !== null} onZoom={zoom} onZoomOut={zoomOut} style={panel.form === "stacked" ? { stack: "all", fill: 0.35 } : {}} {...(panel.isFromZero ? { min: 0 } : {})} />
        ) : (
          <ResultTable data={data.answer.data} isStale={error !== null} />
        )
      ) : null}
    </section>
  );
}

/** Steps lie on multiples of the step, so that a moving window does not change the values. */
function aligned(window: { start: number; end: number }, step: number): { start: number; end: number } {
  const size = step * 1000;
  return { start: Math.floor(window.start / size) * size, end: Math.floor(window.end / size) * size };
}

function frameOf(result: readonly QuerySeries[], window: { start: number; end: number }, step: number) {
  const matrix: MatrixSeries[] = result.map(({ metric, values = [] }) => ({ metric, values }));
  const { times, columns } = align(matrix, { start: window.start / 1000, end: window.end / 1000, step });
  return { times, series: columns };
}

function forms(panel: Panel, window: { start: number; end: number }, step: number) {
  const origin = location.origin;
  const [start, end] = [window.start / 1000, window.end / 1000];
  return [
    { name: "curl", text: () => `curl -G ${origin}/api/v1/query_range --data-urlencode ${quoted(`query=${panel.expr}`)} -d start=${start} -d end=${end} -d step=${step}` },
    { name: "promtool", text: () => `promtool query range --start=${start} --end=${end} --step=${step}s ${origin} ${quoted(panel.expr)}` },
    { name: "appliance", text: () => `appliance query promql ${quoted(panel.expr)}` },
  ];
}
