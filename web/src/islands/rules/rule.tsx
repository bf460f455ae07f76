// One rule: its state, expression, error, labels, and where to go from here.
import { matcher } from "../../data/alerts";
import { ago, duration } from "../../data/format";
import { promDuration } from "../../data/prometheus_api";
import { type RuleRow, unitTest } from "../../data/rules";
import { Highlighted } from "../../editor/highlight";
import { copyText } from "../../parts/clipboard";
import { Menu, type MenuItem } from "../../parts/menu";
import { link } from "../../state/address";
import { now } from "../../state/time";

const KINDS: Record<string, string> = { firing: "bad", pending: "warn", inactive: "good" };

export function RuleItem({ rule }: { rule: RuleRow }) {
  return (
    <li class="rule" data-row>
      <div class="rule-state">
        <span class="badge" data-kind={rule.is_alert ? KINDS[rule.state] : undefined}>
          {rule.is_alert ? rule.state : "recording"}
        </span>
      </div>
      <h3>
        <a href={toQuery(rule)}>{rule.name}</a>
        {rule.health === "err" ? (
          <span class="badge" data-kind="bad">
            error
          </span>
        ) : null}
        {rule.firing ? <a href={link("/alerts", { m: `{${matcher("alertname", rule.name)}}` })}>{rule.firing} firing</a> : null}
        {rule.pending ? <span class="quiet-text">{rule.pending} pending</span> : null}
      </h3>
      <div class="rule-expr" tabIndex={0} role="region" aria-label={`Expression of ${rule.name}`}>
        <Highlighted language={rule.language} text={rule.expr} />
      </div>
      {rule.error ? <p class="rule-error">{rule.error}</p> : null}
      <Facts rule={rule} />
      <div class="rule-actions">
        {rule.is_alert ? (
          <a class="tool" href={`/alerts?view=backtest&rule=${encodeURIComponent(rule.name)}`}>
            Backtest
          </a>
        ) : null}
        <Menu label={`More about ${rule.name}`} isQuiet items={ways(rule)}>
          <span>More</span>
        </Menu>
      </div>
    </li>
  );
}

function Facts({ rule }: { rule: RuleRow }) {
  const parts = [
    ...(rule.hold_seconds ? [`for ${promDuration(rule.hold_seconds * 1000)}`] : []),
    ...(rule.keep_firing_seconds ? [`keep firing for ${promDuration(rule.keep_firing_seconds * 1000)}`] : []),
    ...Object.entries(rule.labels).map(([name, value]) => `${name}=${value}`),
  ];
  return (
    <p class="panel-note breakable">
      {parts.length ? `${parts.join(" · ")} · ` : ""}
      {rule.last_ms ? `evaluated ${ago(now() - rule.last_ms)}, took ${duration(rule.seconds * 1e9)}` : "not evaluated yet"} · <code>{rule.place}</code>
    </p>
  );
}

function toQuery(rule: RuleRow): string {
  const [path = "", search = ""] = rule.link.split(/\?(.*)/s);
  return link(path, Object.fromEntries(new URLSearchParams(search)));
}

function ways(rule: RuleRow): MenuItem[] {
  const file = rule.place.replace(/:\d+$/, "");
  return [
    { label: "Query", note: "Run the expression", href: toQuery(rule) },
    ...(rule.annotations["runbook_url"]?.match(/^(https?:\/\/|\/runbooks\/)/) ? [{ label: "Runbook", href: rule.annotations["runbook_url"] }] : []),
    { label: "Copy the expression", onChoose: () => void copyText(rule.expr, "the expression") },
    { label: "Copy file and line", note: rule.place, onChoose: () => void copyText(rule.place, "file and line") },
    ...(rule.is_alert
      ? [{ label: "Copy a unit test", note: "To fill in, for: appliance test rules FILE", onChoose: () => void copyText(unitTest(rule, file), "a unit test") }]
      : []),
  ];
}
