// Everything else of a service: alerts that fire, its traces with errors, logs, metrics, dashboards.
import { get } from "../../data/api";
import type { ServiceAnswer } from "../../data/services_api";
import { quotedText } from "../../data/trace_form";
import { useLoad } from "../../parts/hooks";
import { link } from "../../state/address";
import { useTime } from "../../state/time";

interface Alert {
  fingerprint: string;
  labels: Record<string, string>;
  status: { state: string };
}

/** Labels that carry a service's name, as in `appliance/correlate/services.py`. */
const LABELS = ["service_name", "service", "service.name", "job", "app", "exported_job", "container"];
const METRICS = 24;

export function Elsewhere({ answer }: { answer: ServiceAnswer }) {
  const { tick } = useTime();
  const name = answer.service;
  const alerts = useLoad((signal) => get<Alert[]>("/api/v2/alerts", {}, signal), [tick]);
  const mine = (alerts.data ?? []).filter(({ labels }) => LABELS.some((label) => labels[label] === name));
  const metrics = answer.metrics?.[0];
  const here = `{ resource.service.name = ${quotedText(name)}`;
  return (
    <section class="panel elsewhere" aria-labelledby="elsewhere-title">
      <div class="panel-head">
        <h2 id="elsewhere-title">More of this service</h2>
      </div>
      <dl>
        <div>
          <dt>Alerts</dt>
          <dd>
            {mine.length ? (
              mine.slice(0, 20).map((alert) => (
                <a key={alert.fingerprint} class="badge" data-kind={alert.status.state === "active" ? "bad" : undefined} href={`/alerts/${alert.fingerprint}`}>
                  {alert.labels.alertname ?? alert.fingerprint}
                </a>
              ))
            ) : (
              <span class="quiet-text">{alerts.data ? "None fires" : alerts.error ? "not known: " + alerts.error : "…"}</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Traces</dt>
          <dd>
            <a href={link("/traces", { q: `${here} }` })}>All</a>
            <a href={link("/traces", { q: `${here} && status = error }` })}>With errors</a>
            <a href={link("/traces", { q: `${here} }`, sort: "longest" })}>Longest</a>
          </dd>
        </div>
        <div>
          <dt>Logs</dt>
          <dd>
            {answer.logs?.length ? answer.logs.map((one) => (
              <a key={one.label} href={link("/logs", { q: one.selector })}>
                <code>{one.selector}</code>
              </a>
            )) : <span class="quiet-text">No stream carries its name in this window</span>}
          </dd>
        </div>
        <div>
          <dt>Metrics</dt>
          <dd>
            {metrics ? (
              <>
                {metrics.names.slice(0, METRICS).map((metric) => (
                  <a key={metric} class="mono" href={link("/metrics", { "g0.expr": `${metric}${metrics.selector}`, "g0.tab": "0" })}>
                    {metric}
                  </a>
                ))}
                {metrics.names.length > METRICS ? <span class="quiet-text">and more</span> : null}
              </>
            ) : (
              <span class="quiet-text">No series carries its name in this window</span>
            )}
          </dd>
        </div>
        <div>
          <dt>Dashboards</dt>
          <dd>
            <a href={link("/dashboards", { q: name })}>Dashboards named like it</a>
          </dd>
        </div>
      </dl>
    </section>
  );
}
