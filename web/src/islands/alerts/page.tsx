// What fires now: filtered by matchers, grouped by a label; asks again every few seconds.
import { useEffect, useState } from "preact/hooks";
import { type AlertsDocument, groupedBy, groupLabels } from "../../data/alerts";
import { alerts } from "../../data/alerts_api";
import { count } from "../../data/format";
import { useLoad } from "../../parts/hooks";
import { Empty, Notice } from "../../parts/notice";
import { toast } from "../../parts/toast";
import { addKeys } from "../../page/keys";
import { navigate, useAddress } from "../../state/address";
import { now, useTime } from "../../state/time";
import { Resolved } from "./resolved";
import { AlertItem } from "./row";
import { Tools } from "./tools";

/** How often the list is asked for, while somebody looks at it. */
const EVERY_MS = 10_000;

export function Alerts({ given, api }: { given: AlertsDocument; api: string }) {
  const params = useAddress();
  const { tick } = useTime();
  const [round, setRound] = useState(0);
  const matchers = params.getAll("m").concat(params.getAll("filter")).map((one) => one.trim().replace(/^\{|\}$/g, "")).filter(Boolean).join(",");
  const asked = matchers ? `{${matchers}}` : "";
  const hasResolved = params.get("resolved") === "1";
  // The first answer came with the page.
  const isFirst = round === 0 && tick === 0 && asked === given.matchers && hasResolved === given.resolved.length > 0;
  const loaded = useLoad(isFirst ? null : (signal) => alerts(asked, hasResolved, signal), [asked, hasResolved, tick, round]);
  const found = loaded.data ?? given;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && !document.querySelector("dialog[open], [aria-haspopup][aria-expanded=true]")) setRound((before) => before + 1);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => addKeys({ a: { text: "Acknowledge the row", run: () => press("ack") }, x: { text: "Silence the row", run: () => press("silence") } }), []);
  const label = params.get("by") ?? "";
  return (
    <>
      <Tools found={found} matchers={asked} hasResolved={hasResolved} label={label} labels={groupLabels(found.alerts)} />
      {loaded.error ? <Notice kind="error">{loaded.error}</Notice> : null}
      <List found={found} matchers={found.matchers} label={label} api={api} onChange={() => setRound(round + 1)} />
      {hasResolved ? <Resolved rows={found.resolved} now={now()} /> : null}
    </>
  );
}

/** Presses a button of the row that has the focus. */
function press(what: "ack" | "silence"): void {
  const row = document.activeElement?.closest(".alert") ?? null;
  if (row) row.querySelector<HTMLButtonElement>(`[data-do="${what}"]`)?.click();
  else toast("Choose a row first: j and k", "failed");
}

function List({ found, matchers, label, api, onChange }: { found: AlertsDocument; matchers: string; label: string; api: string; onChange: () => void }) {
  if (!found.total)
    return (
      <section class="panel">
        <Empty title="Nothing fires" command={`appliance alerts add Trial severity=warning --annotation summary='Only a trial' --addr ${api}`}>
          Rules make alerts: prometheus.rules or packs: [immoflow] in appliance.yml. To see one now:
        </Empty>
      </section>
    );
  if (!found.alerts.length)
    return (
      <section class="panel">
        <Empty title="No alert that fires matches">
          <button type="button" class="link-button" onClick={() => navigate({ m: null, filter: null })}>
            Show all {count(found.total)}
          </button>
        </Empty>
      </section>
    );
  return (
    <>
      {groupedBy(found.alerts, label).map((group) => (
        <section key={group.value} class="panel" aria-label={label ? `${label} ${group.value || "without"}` : "Alerts that fire"}>
          {label ? (
            <div class="panel-head">
              <h2>{group.value || `no ${label}`}</h2>
              <span class="panel-note">{count(group.rows.length)}</span>
            </div>
          ) : (
            <h2 class="hidden-text">Firing</h2>
          )}
          <ul class="alerts">
            {group.rows.map((row) => (
              <AlertItem key={row.fingerprint} row={row} now={now()} matchers={matchers} onChange={onChange} />
            ))}
          </ul>
        </section>
      ))}
      {found.matching > found.alerts.length ? <Notice kind="info">{`The first ${count(found.alerts.length)} of ${count(found.matching)} are shown; matchers narrow the list.`}</Notice> : null}
    </>
  );
}
