// One panel: a query, and its answer as a graph, a table or explained.
import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../../data/format";
import type { Panel, PanelTab } from "../../data/panels";
import { withMatcher } from "../../data/promql_filter";
import { queryError } from "../../data/query_error";
import { latest, parseValue } from "../../data/series";
import { Editor } from "../../editor/editor";
import { sourceFor } from "../../editor/source";
import { Notice } from "../../parts/notice";
import { Tabs } from "../../parts/tabs";
import { time, useTime } from "../../state/time";
import { AlertDialog, type Tried } from "./alert";
import { Explain, useExplained } from "./explain";
import { Graph } from "./graph";
import { SaveDialog } from "./save";
import { ResultTable } from "./table";
import { GraphTools, PanelTools } from "./tools";
import { QueryTree } from "./tree";
import { countOf, type Result, seriesOf, usePanel } from "./use_panel";

const TABS = [
  { id: "graph", label: "Graph" },
  { id: "table", label: "Table" },
  { id: "explain", label: "Explain" },
];

export interface PanelProps {
  index: number;
  panel: Panel;
  onChange: (part: Partial<Panel>) => void;
  onDuplicate: () => void;
  onRemove: (() => void) | null;
  /** It has the focus. */
  onUse: () => void;
}

const NOTHING: Tried = { marks: [], thresholds: [] };

export function PanelView({ index, panel, onChange, onDuplicate, onRemove, onUse }: PanelProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const [dialog, setDialog] = useState<"alert" | "save" | null>(null);
  const [tried, setTried] = useState(NOTHING);
  const { window, tick } = useTime();
  useEffect(() => setDraft(null), [panel.expr]); // chosen from the list, or by Back
  useEffect(() => setTried(NOTHING), [panel.expr, window.start, window.end]);
  const source = useMemo(() => sourceFor("promql", () => time().window), []);
  const loaded = usePanel(panel, window, tick);
  const { explained, problem: unread } = useExplained(panel.expr, panel.tab === "explain" || panel.hasTree);
  const problem = loaded.error ? queryError(panel.expr, loaded.error) : panel.tab === "explain" ? unread : null;
  const write = (expr: string): void => onChange({ expr: expr.trim() });
  return (
    <section class="panel metrics-panel" aria-label={`Panel ${index + 1}`} onFocusCapture={onUse}>
      <div class="metrics-query" data-search={index === 0 ? "" : undefined}>
        <Editor language="promql" label={`Query of panel ${index + 1}`} value={draft ?? panel.expr} onChange={setDraft} onRun={write} placeholder="PromQL, such as up" error={problem} source={source} />
        <button type="button" class="button" onClick={() => write(draft ?? panel.expr)}>
          Run
        </button>
        <PanelTools panel={panel} result={loaded.data} onChange={onChange} actions={{ onDuplicate, onRemove, onAlert: () => setDialog("alert"), onSave: () => setDialog("save") }} />
      </div>
      {panel.hasTree && panel.tab !== "explain" && explained ? <QueryTree root={explained.tree} onChoose={write} /> : null}
      <div class="metrics-head">
        <Tabs label="Shown as" tabs={TABS} value={panel.tab} onChoose={(id) => onChange({ tab: id as PanelTab })} />
        {loaded.data && panel.expr && panel.tab !== "explain" ? <Facts result={loaded.data} /> : null}
        {panel.tab === "graph" && panel.expr ? <GraphTools panel={panel} onChange={onChange} /> : null}
      </div>
      {loaded.isLoading && panel.expr && panel.tab !== "explain" ? <div class="loading-line" /> : null}
      <Remarks result={loaded.data} />
      {panel.tab === "explain" ? <Explain expr={panel.expr} onExpr={write} explained={unread ? null : explained} /> : <Answer panel={panel} result={loaded.data} isStale={loaded.error !== null} tried={tried} onExpr={write} />}
      {dialog === "alert" ? <AlertDialog expr={panel.expr} usual={usualThreshold(loaded.data)} onTried={setTried} onClose={() => setDialog(null)} /> : null}
      {dialog === "save" ? <SaveDialog panel={panel} onClose={() => setDialog(null)} /> : null}
    </section>
  );
}

function Answer({ panel, result, isStale, tried, onExpr }: { panel: Panel; result: Result | null; isStale: boolean; tried: Tried; onExpr: (expr: string) => void }) {
  const { zone } = useTime();
  if (!result || result.isGraph !== (panel.tab === "graph")) return null;
  if (result.isGraph && result.answer.data.resultType === "matrix") return <Graph panel={panel} result={result} zone={zone} isStale={isStale} marks={tried.marks} thresholds={tried.thresholds} onExpr={onExpr} />;
  return <ResultTable data={result.answer.data} isStale={isStale} onFilter={(name, value, isExcluded) => onExpr(withMatcher(panel.expr, name, value, isExcluded))} />;
}

function Facts({ result: { answer, took } }: { result: Result }) {
  const number = countOf(answer.data);
  return (
    <span class="metrics-facts" role="status">
      {`${count(number)} series in ${took < 10 ? took.toFixed(1) : Math.round(took)} ms`}
    </span>
  );
}

function Remarks({ result }: { result: Result | null }) {
  if (!result) return null;
  const { warnings, infos } = result.answer;
  return (
    <>
      {warnings.map((text) => (
        <Notice key={text} kind="warning">
          {text}
        </Notice>
      ))}
      {infos.map((text) => (
        <Notice key={text} kind="info">
          {text}
        </Notice>
      ))}
    </>
  );
}

/** A little above what is there now. */
function usualThreshold(result: Result | null): string {
  if (!result) return "0";
  const last = seriesOf(result.answer.data).map(({ value, values = [] }) => (value ? parseValue(value[1]) : latest(values.map(([, text]) => parseValue(text)))));
  const most = Math.max(...last.filter((one): one is number => one !== null));
  return Number.isFinite(most) ? String(Number((most * 1.2).toPrecision(2))) : "0";
}
