// What a panel got and asked: its data as a table, its queries, its JSON.
import { useEffect, useRef, useState } from "preact/hooks";
import { csvOf } from "../../dashboard/csv";
import { rowsOf } from "../../dashboard/frames";
import { nameOf } from "../../dashboard/matcher";
import { type PanelData, stepText } from "../../dashboard/run";
import type { Panel } from "../../dashboard/types";
import { useLoad } from "../../parts/hooks";
import { Command } from "../../parts/notice";
import { Tabs } from "../../parts/tabs";
import { download, originalPanel } from "./panel_menu";

const TABS = [
  { id: "data", label: "Data" },
  { id: "query", label: "Queries" },
  { id: "json", label: "JSON" },
];
/** Rows shown; the file has all. */
const MOST = 100;

export function Inspect({ title, panel, data, uid, onClose }: { title: string; panel: Panel; data: PanelData; uid: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [tab, setTab] = useState("data");
  const json = useLoad(tab === "json" ? () => originalPanel(uid, panel.id) : null, [tab]);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="dialog dash-inspect" ref={dialog} aria-label={`Inspect ${title}`} onClose={onClose}>
      <div class="dialog-head">
        <h2>{title || panel.type}</h2>
        <button type="button" class="tool quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div class="dialog-body">
        <Tabs label="Inspect" tabs={TABS} value={tab} onChoose={setTab} />
        {tab === "data" ? <Data data={data} title={title} /> : null}
        {tab === "query" ? <Queries data={data} /> : null}
        {tab === "json" ? <Command title="panel.json" text={json.error ?? (json.data ? JSON.stringify(json.data, null, 2) : "")} /> : null}
      </div>
    </dialog>
  );
}

function Queries({ data }: { data: PanelData }) {
  if (!data.asked.length) return <p class="empty">It asks nothing.</p>;
  return (
    <>
      {data.asked.map(({ refId, language, expr, stepMs, tookMs, error }) => (
        <section key={refId} class="dash-asked">
          <p>
            <b>{refId}</b> {language} <span class="quiet-text">{`step ${stepText(stepMs)}, answered in ${Math.round(tookMs)} ms`}</span>
          </p>
          {error ? <p class="dash-error">{error}</p> : null}
          <Command title={`query ${refId}`} text={expr} />
        </section>
      ))}
    </>
  );
}

function Data({ data, title }: { data: PanelData; title: string }) {
  const [chosen, setChosen] = useState(0);
  const frame = data.frames[chosen];
  if (!frame) return <p class="empty">No data.</p>;
  const count = rowsOf(frame);
  return (
    <>
      <div class="toolbar">
        <select class="select" aria-label="Which answer" value={String(chosen)} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          {data.frames.slice(0, 200).map((one, i) => (
            <option key={i} value={i}>
              {one.name || one.refId || `Answer ${i + 1}`}
            </option>
          ))}
        </select>
        <span class="quiet-text">{`${count} rows${count > MOST ? `, the last ${MOST} are shown` : ""}`}</span>
        <span class="spacer" />
        <button type="button" class="tool" onClick={() => download(`${title || "panel"}.csv`, csvOf(data.frames))}>
          Download CSV
        </button>
      </div>
      <div class="table-scroll" tabindex={0} role="region" aria-label="Data">
        <table class="table mono">
          <thead>
            <tr>
              {frame.fields.map((field, i) => (
                <th key={i}>{nameOf(field)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: Math.min(MOST, count) }, (_, i) => Math.max(0, count - MOST) + i).map((row) => (
              <tr key={row}>
                {frame.fields.map((field, i) => (
                  <td key={i}>{raw(field.values[row], field.type === "time")}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function raw(value: unknown, isTime: boolean): string {
  if (isTime && typeof value === "number") return new Date(value).toISOString();
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
