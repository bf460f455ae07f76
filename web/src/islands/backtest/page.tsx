// When would a rule have fired over a window, whom would that have told, and what would change.
import { useMemo, useState } from "preact/hooks";
import { post } from "../../data/api";
import { type KnownRule, type Report, withThreshold } from "../../data/backtest";
import { useLoad } from "../../parts/hooks";
import { CopyAs, quoted } from "../../parts/copy_as";
import { Empty, Notice } from "../../parts/notice";
import { Choice } from "../../parts/tabs";
import { navigate, useAddress } from "../../state/address";
import { setUsual, useTime } from "../../state/time";
import { Outcome } from "./outcome";

const TEMPLATE = "groups:\n  - name: trial\n    rules:\n      - alert: Trial\n        expr: up == 0\n        for: 5m\n";
setUsual({ from: "now-24h", to: "now" });

interface Asked {
  rule: string;
  threshold: string;
  hold: string;
  yaml: string;
}

export function Backtest({ rules, api }: { rules: readonly KnownRule[]; api: string }) {
  const params = useAddress();
  const { window, zone } = useTime();
  const isYaml = params.get("form") === "yaml";
  const chosen = rules.find((rule) => rule.name === params.get("rule")) ?? null;
  const [draft, setDraft] = useState<Asked>(() => ({ rule: "", threshold: params.get("threshold") ?? "", hold: params.get("for") ?? "", yaml: params.get("yaml") ?? TEMPLATE }));
  const yaml = params.get("yaml") ?? "";
  const body = useMemo(() => question(isYaml ? null : chosen, yaml, { threshold: params.get("threshold") ?? "", hold: params.get("for") ?? "" }), [isYaml, chosen, yaml, params.get("threshold"), params.get("for")]);
  const { data, error, isLoading } = useLoad(
    body ? (signal) => post<Report>("/api/ui/alerts/backtest", { ...body, from: new Date(window.start).toISOString(), to: new Date(window.end).toISOString(), episodes: 500 }, signal) : null,
    [JSON.stringify(body), window.start, window.end],
    JSON.stringify(body),
  );
  const run = (event: Event): void => {
    event.preventDefault();
    navigate(isYaml ? { yaml: draft.yaml } : { threshold: draft.threshold || null, for: draft.hold || null });
  };
  const days = Math.max(1, Math.round((window.end - window.start) / 3_600_000));
  const forms = [
    { name: "appliance", text: () => `appliance alerts backtest ${quoted(chosen?.name ?? "NAME")} --from ${days}h --addr ${api}` },
    { name: "curl", text: () => `curl -s ${api}/api/ui/alerts/backtest -d ${quoted(JSON.stringify({ ...body, from: `${days}h` }))}` },
  ];
  return (
    <>
      <form class="panel backtest-form" onSubmit={run}>
        <div class="toolbar">
          <Choice label="What to try" options={[["", "A loaded rule"], ["yaml", "Rules in YAML"]]} value={isYaml ? "yaml" : ""} onChoose={(next) => navigate({ form: next || null })} />
          <span class="spacer" />
          <CopyAs forms={forms} />
        </div>
        {isYaml ? (
          <label class="labelled">
            <span>Rule file (promql)</span>
            <textarea class="input mono backtest-rule" spellcheck={false} value={draft.yaml} onInput={(event) => setDraft({ ...draft, yaml: event.currentTarget.value })} />
          </label>
        ) : (
          <Fields rules={rules} chosen={chosen} draft={draft} onDraft={setDraft} />
        )}
        <div class="toolbar">
          <button class="tool primary" disabled={!isYaml && !chosen}>
            {isLoading && body ? "Running…" : isYaml ? "Run" : "Compare"}
          </button>
          <span class="quiet-text">Over the window above; nobody is told of anything.</span>
        </div>
      </form>
      {error ? <Notice kind="error">{error}</Notice> : null}
      {!rules.length && !isYaml ? (
        <section class="panel">
          <Empty title="No alerting rules loaded" commandTitle="appliance.yml" command={"packs: [immoflow, watchdog]"}>
            Load some, or try rules in YAML above:
          </Empty>
        </section>
      ) : null}
      {data ? <Outcome report={data} window={window} zone={zone} isStale={isLoading} /> : isLoading && body ? <p class="empty">Evaluating the rule over the window…</p> : null}
    </>
  );
}

function Fields({ rules, chosen, draft, onDraft }: { rules: readonly KnownRule[]; chosen: KnownRule | null; draft: Asked; onDraft: (draft: Asked) => void }) {
  const choose = (name: string): void => {
    onDraft({ ...draft, threshold: "", hold: "" });
    navigate({ rule: name || null, threshold: null, for: null });
  };
  return (
    <div class="backtest-fields">
      <label class="labelled">
        <span>Rule</span>
        <select class="select" value={chosen?.name ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">Choose a rule</option>
          {rules.map((rule) => (
            <option key={rule.name} value={rule.name}>
              {rule.name}
            </option>
          ))}
        </select>
      </label>
      {chosen && chosen.threshold !== null ? (
        <label class="labelled">
          <span>Another threshold</span>
          <input class="input mono" inputMode="decimal" value={draft.threshold} placeholder={String(chosen.threshold)} onInput={(event) => onDraft({ ...draft, threshold: event.currentTarget.value })} />
        </label>
      ) : null}
      {chosen ? (
        <label class="labelled">
          <span>Another for</span>
          <input class="input mono" value={draft.hold} placeholder={chosen.for} onInput={(event) => onDraft({ ...draft, hold: event.currentTarget.value })} />
        </label>
      ) : null}
    </div>
  );
}

/** What the server is asked; null while there is nothing to ask. A changed rule stands beside the loaded one. */
function question(rule: KnownRule | null, yaml: string, changed: { threshold: string; hold: string }): Record<string, unknown> | null {
  if (!rule) return yaml ? { files: [{ name: "rules.yml", text: yaml }] } : null;
  const expr = rule.threshold === null ? rule.expr : withThreshold(rule.expr, rule.threshold, changed.threshold);
  const hold = changed.hold.trim() || rule.for;
  const isSame = expr === rule.expr && hold === rule.for;
  return {
    alerts: [rule.name],
    ...(isSame ? {} : { exprs: [{ expr, alert: `${rule.name} (changed)`, language: rule.language, for: hold, keep_firing_for: rule.keep_firing_for, interval: rule.interval, labels: rule.labels }] }),
  };
}
