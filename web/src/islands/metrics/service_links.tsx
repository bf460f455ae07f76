// From series to the service they are of: its traces, logs and other metrics.
import { link } from "../../state/address";

const NAMES = ["service_name", "service"];
const MOST = 8;

/** The service that labels name; `job` of OpenTelemetry may have a namespace before a slash. */
export function serviceOf(labels: Readonly<Record<string, string>>): string {
  for (const name of NAMES) if (labels[name]) return labels[name];
  return labels.job?.split("/").at(-1) ?? "";
}

export function ServiceLinks({ labels }: { labels: readonly Readonly<Record<string, string>>[] }) {
  const services = [...new Set(labels.map(serviceOf))].filter(Boolean).slice(0, MOST);
  if (!services.length) return null;
  return (
    <p class="metrics-services">
      <span class="quiet-text">Services</span>
      {services.map((service) => (
        <a key={service} href={link(`/services/${encodeURIComponent(service)}`)} title={`Traces, logs and figures of ${service}`}>
          {service}
        </a>
      ))}
    </p>
  );
}
