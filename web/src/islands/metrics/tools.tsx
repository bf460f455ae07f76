// What can be changed about a panel, and done with it.
import { commands, grafanaPanel, titleOf } from "../../data/metric_copy";
import { unitOf } from "../../data/metric_query";
import { csv, tableCsv, tableMarkdown, tableOf } from "../../data/metric_table";
import { type Density, type Panel, type PanelForm, writePanels } from "../../data/panels";
import { printRange } from "../../data/url";
import { CopyAs, type CopyForm } from "../../parts/copy_as";
import { Icon } from "../../parts/icon";
import { Menu } from "../../parts/menu";
import { toast } from "../../parts/toast";
import { Choice } from "../../parts/tabs";
import { sharedUrl, time } from "../../state/time";
import { aligned, type Result, seriesOf, stepOf } from "./use_panel";

const FORMS = [["lines", "Lines"], ["stacked", "Stacked"], ["heatmap", "Heatmap"]] as const;
const STEPS = [1, 5, 15, 30, 60, 300, 900, 3600];

interface ToolsProps {
  panel: Panel;
  onChange: (part: Partial<Panel>) => void;
}

export function GraphTools({ panel, onChange }: ToolsProps) {
  const { window } = time();
  const density = (name: Density, label: string) => ({ label, note: `a point every ${printRange(stepOf({ ...panel, step: null, density: name }, window))}`, isOn: panel.step === null && panel.density === name, onChoose: () => onChange({ density: name, step: null }) });
  const every = printRange(stepOf(panel, window));
  const steps = STEPS.filter((step) => (window.end - window.start) / 1000 / step <= 11_000).map((step) => ({ label: `Step ${printRange(step)}`, isOn: panel.step === step, onChoose: () => onChange({ step }) }));
  return (
    <div class="metrics-tools">
      <Choice label="Drawn as" options={FORMS} value={panel.form} onChoose={(form) => onChange({ form: form as PanelForm })} />
      <Menu label={`Every ${every}: resolution`} isQuiet items={[density("low", "Low"), density("medium", "Medium"), density("high", "High"), ...steps]}>
        <span>{`Every ${every}`}</span>
      </Menu>
      <button type="button" class="tool quiet" aria-pressed={panel.isFromZero} onClick={() => onChange({ isFromZero: !panel.isFromZero })}>
        From zero
      </button>
      <button type="button" class="tool quiet" aria-pressed={panel.hasExemplars} title="Single requests as dots that lead to their traces" onClick={() => onChange({ hasExemplars: !panel.hasExemplars })}>
        Exemplars
      </button>
    </div>
  );
}

export interface PanelActions {
  onDuplicate: () => void;
  onRemove: (() => void) | null;
  onAlert: () => void;
  onSave: () => void;
}

export function PanelTools({ panel, result, actions, onChange }: ToolsProps & { result: Result | null; actions: PanelActions }) {
  const items = [
    { label: "Make an alert", note: "a rule, tried on this window", onChoose: actions.onAlert },
    { label: "Add to a dashboard", onChoose: actions.onSave },
    { label: panel.hasTree ? "Hide the tree" : "Show the tree", note: "the parts of the query above the result", onChoose: () => onChange({ hasTree: !panel.hasTree }) },
    { label: "Duplicate", onChoose: actions.onDuplicate },
    ...(actions.onRemove ? [{ label: "Remove", onChoose: actions.onRemove }] : []),
  ];
  return (
    <>
      {panel.expr ? <CopyAs forms={forms(panel, result)} /> : null}
      <Menu label="Panel" isQuiet items={panel.expr ? items : items.slice(3)}>
        <Icon name="more" />
      </Menu>
    </>
  );
}

function forms(panel: Panel, result: Result | null): CopyForm[] {
  const { window } = time();
  const step = stepOf(panel, window);
  const { start, end } = aligned(window, step);
  const asked = commands(location.origin, { expr: panel.expr, start: start / 1000, end: Math.round(end / 1000), step, isGraph: panel.tab === "graph" });
  return [
    ...asked.map(({ name, text }) => ({ name, text: () => text })),
    { name: "Grafana panel", text: () => JSON.stringify(grafanaPanel(panel, { title: titleOf(panel.expr), unit: unitOf(panel.expr) }), null, 2) },
    ...(result ? [{ name: "Markdown table", text: () => tableMarkdown(tableOf(result.answer.data)) }, { name: "CSV", text: () => csvOf(result) }] : []),
    { name: "Link", text: () => linkTo(panel) },
  ];
}

/** Series side by side over their times; an instant answer as its table. */
function csvOf(result: Result): string {
  if (!result.isGraph) return tableCsv(tableOf(result.answer.data));
  const series = seriesOf(result.answer.data);
  const times = [...new Set(series.flatMap(({ values = [] }) => values.map(([at]) => at)))].sort((a, b) => a - b);
  const columns = series.map(({ values = [] }) => new Map(values));
  const names = series.map(({ metric: { __name__: name = "", ...labels } }) => `${name}{${Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}}`);
  if (!times.length) toast("There are no values to copy", "failed");
  return csv([["time", ...names], ...times.map((at) => [new Date(at * 1000).toISOString(), ...columns.map((column) => column.get(at) ?? null)])]);
}

/** This panel alone, with its window as it is now. */
function linkTo(panel: Panel): string {
  const url = new URL(sharedUrl(), location.href);
  const { window } = time();
  url.search = writePanels(url.search, [panel], { seconds: (window.end - window.start) / 1000, end: window.end });
  return url.href;
}
