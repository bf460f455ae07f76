// From a service to each signal that there is of it.
import type { Signal } from "../../data/services_api";
import { quotedText } from "../../data/trace_form";
import { Icon } from "../../parts/icon";
import { link } from "../../state/address";

const NAMES: Record<Signal, string> = { traces: "Traces", logs: "Logs", metrics: "Metrics" };

/** Where a signal of a service is shown, in the window of this page. */
export function signalPath(service: string, signal: Signal): string {
  if (signal === "traces") return link("/traces", { q: `{ resource.service.name = ${quotedText(service)} }` });
  if (signal === "logs") return link("/logs", { svc: service });
  const job = service.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return link("/metrics", { "g0.expr": `count by (__name__) ({job=~"(.+/)?${job}"})`, "g0.tab": "1" });
}

export function SignalLinks({ service, signals }: { service: string; signals: readonly Signal[] }) {
  return (
    <span class="signal-links">
      {signals.map((signal) => (
        <a key={signal} class={`signal-link signal-${signal}`} href={signalPath(service, signal)} aria-label={`${NAMES[signal]} of ${service}`} title={NAMES[signal]}>
          <Icon name={signal} />
        </a>
      ))}
    </span>
  );
}
