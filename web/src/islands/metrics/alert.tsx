// An alerting rule out of a query: its YAML, and when it would have fired in the window.
import { useState } from "preact/hooks";
import { post } from "../../data/api";
import { type Report, span } from "../../data/backtest";
import { count } from "../../data/format";
import { isCondition, ruleExpr, type RuleAsked, ruleYaml, titleOf } from "../../data/metric_copy";
import { reason } from "../../data/overview";
import { Dialog } from "../../parts/dialog";
import { Command, Notice } from "../../parts/notice";
import type { Mark, Threshold } from "../../plot/model";
import { link } from "../../state/address";
import { useTime } from "../../state/time";

export interface Tried {
  marks: Mark[];
  thresholds: Threshold[];
}

interface Props {
  expr: string;
  /** A threshold to begin with. */
  usual: string;
  onTried: (tried: Tried) => void;
  onClose: () => void;
}

export function AlertDialog({ expr, usual, onTried, onClose }: Props) {
  const [asked, setAsked] = useState<RuleAsked>(() => ({ name: titleOf(expr), operator: ">", threshold: usual, hold: "5m", severity: "warning" }));
  const set = (part: Partial<RuleAsked>): void => setAsked({ ...asked, ...part });
  return (
    <Dialog title="Alert from this query" onClose={onClose}>
      <div class="dialog-body metrics-alert">
        <div class="metrics-alert-form">
          <Field label="Name" value={asked.name} onInput={(name) => set({ name })} />
          {isCondition(expr) ? null : (
            <>
              <Select label="Fires when it is" value={asked.operator} options={[">", ">=", "<", "<=", "==", "!="]} onChange={(operator) => set({ operator })} />
              <Field label="Threshold" value={asked.threshold} onInput={(threshold) => set({ threshold })} />
            </>
          )}
          <Field label="For" value={asked.hold} onInput={(hold) => set({ hold })} />
          <Select label="Severity" value={asked.severity} options={["critical", "warning", "info"]} onChange={(severity) => set({ severity })} />
        </div>
        <Trial expr={expr} asked={asked} onTried={onTried} />
        <Command title="rules.yml" text={ruleYaml(expr, asked)} />
        <p class="quiet-text">
          Put it into a file that <code>prometheus.rules</code> names, then reload at <a href="/config">Config</a>.
        </p>
      </div>
    </Dialog>
  );
}

function Trial({ expr, asked, onTried }: { expr: string; asked: RuleAsked; onTried: Props["onTried"] }) {
  const { window } = useTime();
  const [state, set] = useState<Report["rules"][number] | { problem: string } | "running" | null>(null);
  const run = async (): Promise<void> => {
    set("running");
    try {
      const rule = { expr: ruleExpr(expr, asked), alert: asked.name, for: asked.hold, interval: "1m", labels: { severity: asked.severity } };
      const times = { from: new Date(window.start).toISOString(), to: new Date(window.end).toISOString() };
      const [tried] = (await post<Report>("/api/ui/alerts/backtest", { exprs: [rule], ...times, episodes: 200, routing: false })).rules;
      if (!tried) throw new Error("no answer");
      if (tried.failed) throw new Error(tried.error);
      set(tried);
      onTried(drawn(tried, asked, isCondition(expr)));
    } catch (error) {
      set({ problem: reason(error) });
    }
  };
  const yaml = ruleYaml(expr, asked);
  return (
    <div class="metrics-trial">
      <button type="button" class="tool primary" disabled={state === "running"} onClick={() => void run()}>
        Backtest
      </button>
      {state === null ? <span class="quiet-text">When would it have fired in the window of this page? Nobody is told.</span> : null}
      {state === "running" ? <span class="quiet-text">Evaluating…</span> : null}
      {state && state !== "running" ? (
        "problem" in state ? (
          <Notice kind="error">{state.problem}</Notice>
        ) : (
          <span role="status">
            {state.fired ? `It would have fired ${count(state.fired)} ${state.fired === 1 ? "time" : "times"}, for ${span(state.firing_seconds)} in all; marked in the graph. ` : `It would not have fired${state.pending_only ? `, but was pending ${count(state.pending_only)} ${state.pending_only === 1 ? "time" : "times"}` : ""}. `}
            <a href={link("/alerts", { view: "backtest", form: "yaml", yaml })}>Details</a>
          </span>
        )
      ) : null}
    </div>
  );
}

/** Firing as marks, the threshold as a line. */
function drawn(rule: Report["rules"][number], asked: RuleAsked, isWhole: boolean): Tried {
  const marks = rule.episodes.map((one): Mark => {
    const labels = Object.entries(one.labels).filter(([name]) => name !== "alertname" && name !== "severity").map(([name, value]) => `${name}=${value}`);
    return { at: Date.parse(one.fired_at), ...(one.ended_at ? { until: Date.parse(one.ended_at) } : {}), title: `${rule.alert} would fire`, text: `${labels.join(", ")} for ${span(one.seconds)}`, color: "bad" };
  });
  const value = Number(asked.threshold);
  return { marks, thresholds: isWhole || !Number.isFinite(value) ? [] : [{ value, color: "bad", label: `${asked.operator} ${asked.threshold}` }] };
}

function Field({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <label class="labelled">
      <span>{label}</span>
      <input class="input" value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

function Select({ label, value, options, onChange }: { label: string; value: string; options: readonly string[]; onChange: (value: string) => void }) {
  return (
    <label class="labelled">
      <span>{label}</span>
      <select class="select" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
