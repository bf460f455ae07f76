// What was over within the last day, from the record.
import type { ResolvedRow } from "../../data/alerts";
import { ago, count } from "../../data/format";
import { link } from "../../state/address";
import { Severity } from "./row";

export function Resolved({ rows, now }: { rows: readonly ResolvedRow[]; now: number }) {
  return (
    <section class="panel" aria-labelledby="over-title">
      <div class="panel-head">
        <h2 id="over-title">Resolved in the last 24 h</h2>
        <span class="panel-note">{rows.length ? count(rows.length) : "none"}</span>
      </div>
      {rows.length ? (
        <ul class="alerts over">
          {rows.map((row) => (
            <li key={row.fingerprint} class="alert" data-row>
              <div class="alert-severity">
                <Severity severity={row.severity} />
                <time dateTime={row.ended}>{ago(now - row.ended_ns / 1e6)}</time>
              </div>
              <div class="alert-main">
                <h3>
                  <a href={link(`/alerts/${row.fingerprint}`)}>{row.name || row.fingerprint}</a>
                </h3>
                <p class="quiet-text mono breakable">{row.labels.map(([name, value]) => `${name}=${value}`).join(" ")}</p>
              </div>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
