// What can be done with the lines as a whole: tabs, order, wrapping, columns, download, copies, an alert.
import { useState } from "preact/hooks";
import { url } from "../../data/api";
import { asAppliance, asCurl, asExplore, asLogcli, asMarkdown, type Copied } from "../../data/log_copy";
import { boundsOf } from "../../data/loki_api";
import { CopyAs } from "../../parts/copy_as";
import { Icon } from "../../parts/icon";
import { Menu } from "../../parts/menu";
import { Tabs } from "../../parts/tabs";
import { sharedUrl } from "../../state/time";
import { AlertDialog } from "./alert";

export const LIMITS = [100, 500, 1000, 5000];

export interface ToolbarProps {
  copied: Copied;
  view: string;
  isMetric: boolean;
  isWrapped: boolean;
  onView: (view: string) => void;
  onWrap: () => void;
  onOrder: (newestFirst: boolean) => void;
  onLimit: (limit: number) => void;
  onFields: () => void;
}

const TABS = [
  { id: "lines", label: "Lines" },
  { id: "patterns", label: "Patterns" },
];

export function Toolbar({ copied, view, isMetric, isWrapped, onView, onWrap, onOrder, onLimit, onFields }: ToolbarProps) {
  const [hasAlert, setAlert] = useState(false);
  const { limit, newestFirst } = copied;
  return (
    <div class="log-toolbar">
      {isMetric ? <span class="spacer" /> : <Tabs label="Shown as" tabs={TABS} value={view} onChoose={onView} />}
      <div class="toolbar">
        {isMetric || view !== "lines" ? null : (
          <>
            <button type="button" class="tool quiet log-facets-open" onClick={onFields}>
              <Icon name="filter" />
              Fields
            </button>
            <button type="button" class="tool quiet" aria-pressed={isWrapped} title="Wrap long lines (w)" onClick={onWrap}>
              Wrap
            </button>
            <Menu
              label={`${newestFirst ? "Newest" : "Oldest"} first: order and limit`}
              isQuiet
              items={[
                { label: "Newest first", isOn: newestFirst, onChoose: () => onOrder(true) },
                { label: "Oldest first", isOn: !newestFirst, onChoose: () => onOrder(false) },
                ...LIMITS.map((one) => ({ label: `${one.toLocaleString("en")} lines at a time`, isOn: one === limit, onChoose: () => onLimit(one) })),
              ]}
            >
              {newestFirst ? "Newest first" : "Oldest first"}
            </Menu>
            <Menu label="Download" isQuiet items={downloads(copied)}>
              <Icon name="download" />
              <span class="tool-text">Download</span>
            </Menu>
          </>
        )}
        <CopyAs forms={copies(copied)} />
        <button type="button" class="tool quiet" title="Make an alert from this query" onClick={() => setAlert(true)}>
          <Icon name="alerts" />
          <span class="tool-text">Alert</span>
        </button>
      </div>
      {hasAlert ? <AlertDialog query={copied.query} onClose={() => setAlert(false)} /> : null}
    </div>
  );
}

function downloads({ query, window, newestFirst }: Copied) {
  const params = { query, ...boundsOf(window), direction: newestFirst ? "backward" : "forward" };
  return [
    { label: "ndjson", note: "a JSON object per line", end: "ndjson" },
    { label: "text", note: "the lines as they are", end: "log" },
    { label: "csv", note: "time, level, service, line, labels", end: "csv" },
  ].map(({ label, note, end }) => ({ label: label === "text" ? "Text" : label === "csv" ? "CSV" : "NDJSON", note, href: url("/api/ui/logs/download", { ...params, as: label }), download: `logs.${end}` }));
}

function copies(copied: Copied) {
  return [
    { name: "curl", text: () => asCurl(copied) },
    { name: "logcli", text: () => asLogcli(copied) },
    { name: "appliance query", text: () => asAppliance(copied) },
    { name: "Grafana Explore link", text: () => asExplore(copied) },
    { name: "Markdown", text: () => asMarkdown(copied, sharedUrl()) },
  ];
}
