// What fires now, the worst first.
import { ago, count } from "../data/format";
import { useNow, useOverview } from "./hooks";

const KINDS: Record<string, string> = { critical: "bad", page: "bad", error: "bad", warning: "warn" };

export function FiringAlerts() {
  const { snapshot, error } = useOverview();
  const now = useNow();
  const firing = snapshot.firing;
  if (!firing) return null;
  return (
    <section class="panel firing" aria-labelledby="firing-title" data-state={firing.total ? "firing" : "calm"} data-stale={error !== null || undefined}>
      <div class="panel-head">
        <h2 id="firing-title">
          <a href="/alerts">{firing.total ? `${count(firing.total)} ${firing.total === 1 ? "alert fires" : "alerts fire"}` : "Nothing fires"}</a>
        </h2>
        {firing.severities.map(([severity, number]) => (
          <span key={severity} class="badge" data-kind={KINDS[severity]}>
            {`${count(number)} ${severity || "without severity"}`}
          </span>
        ))}
        {firing.held_back ? <span class="panel-note">{count(firing.held_back)} held back by silences or inhibition</span> : null}
      </div>
      {firing.alerts.length ? (
        <ul class="firing-list">
          {firing.alerts.map((one) => (
            <li key={one.fingerprint}>
              <a href={`/alerts/${one.fingerprint}`} data-row>
                <span class="firing-name">{one.name}</span> <span class="firing-text">{one.summary}</span> <time>{ago(now - one.starts_ms)}</time>
              </a>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
