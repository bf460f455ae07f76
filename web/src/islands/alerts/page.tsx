// What fires now: filtered by matchers, grouped by a label; asks again every few seconds.
import { useEffect, useRef, useState } from "preact/hooks";
import { type AlertsDocument, groupedBy, groupLabels, held } from "../../data/alerts";
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
/** Rows when more are asked for, or rows are grouped. */
const MOST = 500;

export function Alerts({ given, api }: { given: AlertsDocument; api: string }) {
  const params = useAddress();
  const { tick } = useTime();
  const [round, setRound] = useState(0);
  const matchers = params.getAll("m").concat(params.getAll("filter")).map((one) => one.trim().replace(/^\{|\}$/g, "")).filter(Boolean).join(",");
  const asked = matchers ? `{${matchers}}` : "";
  const hasResolved = params.get("resolved") === "1";
  const limit = params.get("by") || params.get("limit") ? MOST : null;
  // The first answer came with the page.
  const isFirst = round === 0 && tick === 0 && limit === null && asked === given.matchers && hasResolved === given.resolved.length > 0;
  const loaded = useLoad(isFirst ? null : (signal) => alerts(asked, { hasResolved, limit }, signal), [asked, hasResolved, limit, tick, round]);
  const { found, news, show } = useCalm(loaded.data ?? given);
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
      {news ? (
        <button type="button" class="tool news" onClick={show}>
          {news}
        </button>
      ) : null}
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

function Partial({ found }: { found: AlertsDocument }) {
  const canGrow = found.alerts.length < Math.min(found.matching, MOST);
  return (
    <>
      The first {count(found.alerts.length)} of {count(found.matching)} are shown; matchers narrow the list.{" "}
      {canGrow ? (
        <button type="button" class="link-button" onClick={() => navigate({ limit: String(MOST) })}>
          Show {count(Math.min(found.matching, MOST))}
        </button>
      ) : null}
    </>
  );
}

/** While somebody reads further down, rows neither come, go nor move: what is new is offered. */
function useCalm(latest: AlertsDocument): { found: AlertsDocument; news: string; show: () => void } {
  // Another question has another answer; the same one again is what may wait.
  const key = `${latest.limit} ${latest.matchers}`;
  const shown = useRef({ rows: latest.alerts, key });
  const [, draw] = useState(0);
  const isReading = scrollY > 120 || document.activeElement?.closest(".alert") != null;
  if (!isReading || shown.current.key !== key) shown.current = { rows: latest.alerts, key };
  const { rows, added, gone } = held(shown.current.rows, latest.alerts);
  const parts = [added ? `${count(added)} new` : "", gone ? `${count(gone)} over` : ""].filter(Boolean);
  const show = (): void => {
    shown.current = { rows: latest.alerts, key };
    draw((before) => before + 1);
  };
  return { found: { ...latest, alerts: rows }, news: parts.length ? `${parts.join(", ")}: show` : "", show };
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
      {found.matching > found.alerts.length ? <Notice kind="info"><Partial found={found} /></Notice> : null}
    </>
  );
}
