// A rule made from the query: its YAML, and when it would have fired lately.
import { useState } from "preact/hooks";
import { post } from "../../data/api";
import { alertExpr, type AlertAsked, alertRule } from "../../data/log_copy";
import { isMetric } from "../../data/logql_text";
import { reason } from "../../data/overview";
import { Dialog } from "../../parts/dialog";
import { Command, Notice } from "../../parts/notice";

interface Report {
  rules: { fired: number; firing_seconds: number; evaluations: number; error: string; failed: number }[];
}

export function AlertDialog({ query, onClose }: { query: string; onClose: () => void }) {
  const [asked, setAsked] = useState<AlertAsked>({ name: "TooManyLines", above: 10, range: "5m", hold: "5m", severity: "warning" });
  const set = (part: Partial<AlertAsked>): void => setAsked({ ...asked, ...part });
  return (
    <Dialog title="Alert from this query" onClose={onClose}>
      <div class="dialog-body log-alert">
        <div class="log-alert-form">
          <TextField label="Name" value={asked.name} onInput={(name) => set({ name })} />
          <TextField label={isMetric(query) ? "Value above" : "More lines than"} value={String(asked.above)} onInput={(text) => set({ above: Number(text) || 0 })} />
          {isMetric(query) ? null : <TextField label="Within" value={asked.range} onInput={(range) => set({ range })} />}
          <TextField label="For" value={asked.hold} onInput={(hold) => set({ hold })} />
          <div class="labelled">
            <label for="alert-severity">Severity</label>
            <select id="alert-severity" class="select" value={asked.severity} onChange={(event) => set({ severity: event.currentTarget.value })}>
              {["critical", "warning", "info"].map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </div>
        </div>
        <Command title="loki_rules file" text={alertRule(query, asked)} />
        <Backtest query={query} asked={asked} />
      </div>
    </Dialog>
  );
}

function TextField({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  const id = `alert-${label.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <div class="labelled">
      <label for={id}>{label}</label>
      <input id={id} class="input" value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
}

/** Asks when the rule would have fired in the last day. */
function Backtest({ query, asked }: { query: string; asked: AlertAsked }) {
  const [state, set] = useState<{ text: string; isWrong: boolean } | "running" | null>(null);
  const run = async (): Promise<void> => {
    set("running");
    try {
      const body = { exprs: [{ expr: alertExpr(query, asked), language: "logql", alert: asked.name, for: asked.hold, interval: "1m", labels: { severity: asked.severity } }], from: "1d", episodes: 1, routing: false };
      const [rule] = (await post<Report>("/api/ui/alerts/backtest", body)).rules;
      if (!rule) throw new Error("no answer");
      if (rule.failed) throw new Error(rule.error);
      const minutes = Math.round(rule.firing_seconds / 60);
      set({ text: rule.fired ? `It would have fired ${rule.fired} ${rule.fired === 1 ? "time" : "times"} in the last 24 h, for ${minutes} min in all.` : `It would not have fired in the last 24 h.`, isWrong: false });
    } catch (error) {
      set({ text: reason(error), isWrong: true });
    }
  };
  return (
    <div class="toolbar">
      <button type="button" class="tool primary" disabled={state === "running"} onClick={() => void run()}>
        Try on the last 24 h
      </button>
      {state === "running" ? <span class="quiet-text">Evaluating…</span> : null}
      {state && state !== "running" ? state.isWrong ? <Notice kind="error">{state.text}</Notice> : <span role="status">{state.text}</span> : null}
    </div>
  );
}
