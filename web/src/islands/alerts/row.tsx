// An alert that fires: how bad, what, since when, its value, who is told, and what to do about it.
import { useState } from "preact/hooks";
import { type AlertRow, severityKind, withMatcher } from "../../data/alerts";
import { acknowledge, unacknowledge } from "../../data/alerts_api";
import { ago } from "../../data/format";
import { reason } from "../../data/overview";
import { FieldChip } from "../../parts/field_value";
import { Icon } from "../../parts/icon";
import { Menu, type MenuItem } from "../../parts/menu";
import { toast } from "../../parts/toast";
import { link, navigate } from "../../state/address";
import { SilencePopover } from "./silence";
import { AlertValue } from "./spark";
import { yourName } from "./you";

export function Severity({ severity }: { severity: string }) {
  return (
    <span class="severity" data-kind={severityKind(severity)}>
      {severity || "no severity"}
    </span>
  );
}

export function AlertItem({ row, now, matchers, onChange }: { row: AlertRow; now: number; matchers: string; onChange: () => void }) {
  const filter = (name: string, value: string, isExcluded: boolean): void => navigate({ m: withMatcher(matchers, name, value, isExcluded) });
  return (
    <li class="alert" data-state={row.state} data-acked={row.ack ? "" : undefined} data-row>
      <div class="alert-severity">
        <Severity severity={row.severity} />
        <time dateTime={row.starts} title={`Since ${row.starts}`}>
          {ago(now - row.starts_ns / 1e6).replace(" ago", "")}
        </time>
      </div>
      <div class="alert-main">
        <h3>
          <a href={link(`/alerts/${row.fingerprint}`)}>{row.name || row.fingerprint}</a>
          <Badges row={row} />
        </h3>
        {row.summary ? <p class="alert-summary">{row.summary}</p> : null}
        <div class="chips">
          {row.labels.map(([name, value]) => (
            <FieldChip key={name} name={name} value={value} onFilter={filter} />
          ))}
        </div>
      </div>
      <AlertValue row={row} />
      <div class="alert-receivers" title="Receivers">
        <Icon name="notifications" />
        <span>{row.receivers.join(", ") || "nobody"}</span>
      </div>
      <Actions row={row} onChange={onChange} />
    </li>
  );
}

function Badges({ row }: { row: AlertRow }) {
  return (
    <>
      {row.ack ? (
        <span class="badge" data-kind="good" title={row.ack.comment}>
          Acked by {row.ack.by}
        </span>
      ) : null}
      {row.silenced_by.map((id) => (
        <a key={id} class="badge" href={`/silences/${id}`}>
          Silenced
        </a>
      ))}
      {row.inhibited_by.map((one) => (
        <a key={one} class="badge" href={link(`/alerts/${one}`)} title={`By ${one}`}>
          Inhibited
        </a>
      ))}
      {row.muted_by.length ? <span class="badge">Muted by {row.muted_by.join(", ")}</span> : null}
    </>
  );
}

function Actions({ row, onChange }: { row: AlertRow; onChange: () => void }) {
  const [isSilencing, setSilencing] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const ack = async (): Promise<void> => {
    setBusy(true);
    try {
      if (row.ack) await unacknowledge(row.ack, yourName());
      else await acknowledge([row.fingerprint], yourName());
      toast(row.ack ? `${row.name} is not acknowledged any more` : `${row.name} acknowledged by ${yourName()}`);
      onChange();
    } catch (error) {
      toast(reason(error), "failed");
    }
    setBusy(false);
  };
  return (
    <div class="alert-actions">
      <button type="button" class="tool" data-do="ack" disabled={isBusy} onClick={() => void ack()} aria-label={`${row.ack ? "Unack" : "Ack"} ${row.name}`}>
        {row.ack ? "Unack" : "Ack"}
      </button>
      <button type="button" class="tool" data-do="silence" onClick={() => setSilencing(true)} aria-label={`Silence ${row.name}`}>
        Silence
      </button>
      <Menu label={`More about ${row.name}`} isQuiet items={ways(row)}>
        <span>More</span>
      </Menu>
      {row.runbook ? (
        <a class="tool quiet alert-way" href={row.runbook}>
          Runbook
        </a>
      ) : null}
      {isSilencing ? (
        <SilencePopover
          matchers={row.matchers}
          onClose={() => setSilencing(false)}
          onDone={() => {
            setSilencing(false);
            onChange();
          }}
        />
      ) : null}
    </div>
  );
}

/** Everything else that there is about an alert. */
function ways(row: AlertRow): MenuItem[] {
  const path = (text: string): string => {
    const [where = "", search = ""] = text.split(/\?(.*)/s);
    return link(where, Object.fromEntries(new URLSearchParams(search)));
  };
  return [
    { label: "Explain", note: "Timeline, routes, who is told and when", href: link(`/alerts/${row.fingerprint}`) },
    ...(row.runbook ? [{ label: "Runbook", href: row.runbook }] : []),
    ...(row.rule ? [{ label: "Query", note: row.rule.expr, href: path(row.rule.link) }] : row.source ? [{ label: "Source", note: row.source, href: row.source }] : []),
    ...(row.logs ? [{ label: `Logs of ${row.service}`, href: path(row.logs) }] : []),
    ...(row.service ? [{ label: `Service ${row.service}`, href: link(`/services/${encodeURIComponent(row.service)}`) }] : []),
    ...(row.rule ? [{ label: "Backtest the rule", href: `/alerts?view=backtest&rule=${encodeURIComponent(row.rule.name)}` }] : []),
  ];
}
