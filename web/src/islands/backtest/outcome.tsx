// What a backtest found, rule by rule: figures, a timeline of firing, whom it would have told.
import { type Report, span, type TriedRule } from "../../data/backtest";
import { count } from "../../data/format";
import type { Window, Zone } from "../../data/time_range";
import { Notice } from "../../parts/notice";
import { StateTimeline } from "../../plot/state_timeline";
import { zoom } from "../../state/time";

const MOST_ROWS = 40;

export function Outcome({ report, window, zone, isStale }: { report: Report; window: Window; zone: Zone; isStale: boolean }) {
  return (
    <div class="backtest" data-stale={isStale || undefined}>
      {report.rules.map((rule, i) => (
        <Tried key={i} rule={rule} window={window} zone={zone} />
      ))}
      <Told report={report} />
    </div>
  );
}

function Tried({ rule, window, zone }: { rule: TriedRule; window: Window; zone: Zone }) {
  return (
    <section class="panel" aria-label={rule.alert}>
      <div class="panel-head">
        <h2>{rule.alert}</h2>
        <span class="badge" data-kind={rule.fired ? "bad" : "good"}>
          {rule.fired ? `would have fired ${count(rule.fired)} ${rule.fired === 1 ? "time" : "times"}` : "would not have fired"}
        </span>
        <span class="panel-note breakable mono">{rule.expr.replace(/\s+/g, " ")}</span>
      </div>
      {rule.error ? <Notice kind="warning">{`${count(rule.failed)} of ${count(rule.evaluations)} evaluations failed: ${rule.error}`}</Notice> : null}
      <dl class="verdicts">
        <Figure name="Alerts" value={count(rule.alerts)} />
        <Figure name="Firing" value={rule.any_firing_ratio ? `${(rule.any_firing_ratio * 100).toFixed(1)} % of the time` : "never"} />
        <Figure name="Pending only" value={rule.pending_only ? `${count(rule.pending_only)}, at most ${span(rule.longest_pending_seconds)}` : "never"} />
        <Figure name="Flaps" value={count(rule.flaps)} />
        <Figure name="for" value={span(rule.for_seconds)} />
      </dl>
      {rule.episodes.length ? (
        <div class="backtest-chart">
          <StateTimeline rows={rowsOf(rule, window)} window={window} title={`When ${rule.alert} would have fired`} tz={zone} showText="never" onZoom={zoom} />
        </div>
      ) : null}
      {rule.fired > rule.episodes.length ? <p class="panel-note">{`The first ${count(rule.episodes.length)} are shown.`}</p> : null}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function rowsOf(rule: TriedRule, window: Window) {
  const rows = new Map<string, { name: string; spans: { from: number; until: number; text: string; color: string }[] }>();
  for (const one of rule.episodes) {
    const pairs = Object.entries(one.labels).filter(([name]) => name !== "alertname" && name !== "severity");
    const name = pairs.map(([label, value]) => `${label}=${value}`).join(" ") || rule.alert;
    const row = rows.get(one.fingerprint) ?? { name, spans: [] };
    const fired = Date.parse(one.fired_at);
    const active = Date.parse(one.active_at);
    if (fired > active) row.spans.push({ from: active, until: fired, text: "pending", color: "warn" });
    row.spans.push({ from: fired, until: one.ended_at ? Date.parse(one.ended_at) : window.end, text: `firing, at most ${one.max_value}`, color: "bad" });
    rows.set(one.fingerprint, row);
  }
  return [...rows.values()].slice(0, MOST_ROWS);
}

function Told({ report }: { report: Report }) {
  const found = report.notifications;
  if (!found) return null;
  return (
    <section class="panel" aria-labelledby="told-title">
      <div class="panel-head">
        <h2 id="told-title">Whom that would have told</h2>
        <span class="panel-note">
          {found.total ? `${count(found.total)} ${found.total === 1 ? "notification" : "notifications"}` : "nobody"}
          {report.rules.length > 1 ? ", of all rules together" : ""}
          {found.is_complete ? "" : ", up to the limit"}
        </span>
      </div>
      {found.receivers.length ? (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Receivers">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Receiver</th>
                <th scope="col">Integration</th>
                <th scope="col" class="number">
                  Notifications
                </th>
                <th scope="col" class="number">
                  Groups
                </th>
              </tr>
            </thead>
            <tbody>
              {found.receivers.map((one) => (
                <tr key={`${one.receiver} ${one.integration} ${one.index}`}>
                  <td>{one.receiver}</td>
                  <td>{one.integration ? `${one.integration}[${one.index}]` : <span class="quiet-text">none: nobody is told</span>}</td>
                  <td class="number">{count(one.notifications)}</td>
                  <td class="number">{count(one.groups)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}
