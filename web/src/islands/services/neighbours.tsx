// Who calls a service, and whom it calls.
import { duration, rate } from "../../data/format";
import { type Edge, percent, type ServiceAnswer } from "../../data/services_api";
import { quotedText } from "../../data/trace_form";
import { link } from "../../state/address";

export function Neighbours({ answer }: { answer: ServiceAnswer }) {
  return (
    <div class="pair-even">
      <Side title="Called by" edges={answer.callers ?? []} end="parent" none="No other service calls it in this window." />
      <Side title="Calls" edges={answer.callees ?? []} end="child" none="It calls no other service in this window." />
    </div>
  );
}

/** The spans of the called service that a caller is above. */
export function callsQuery({ parent, child }: Pick<Edge, "parent" | "child">): string {
  return `{ resource.service.name = ${quotedText(parent)} } > { resource.service.name = ${quotedText(child)} }`;
}

function Side({ title, edges, end, none }: { title: string; edges: readonly Edge[]; end: "parent" | "child"; none: string }) {
  const sorted = [...edges].sort((a, b) => b.calls - a.calls);
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        <a class="panel-note" href={link("/map")}>
          Map
        </a>
      </div>
      {sorted.length ? (
        <div class="table-scroll" tabindex={0} role="group" aria-label={title}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col" class="number">
                  Calls/s
                </th>
                <th scope="col" class="number">
                  Errors
                </th>
                <th scope="col" class="number">
                  p95
                </th>
                <th scope="col">
                  <span class="hidden-text">Traces</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((edge) => (
                <tr key={edge[end]}>
                  <td>
                    <a href={link(`/services/${encodeURIComponent(edge[end])}`)}>{edge[end] || "unknown"}</a>
                  </td>
                  <td class="number">{rate(edge.rate)}</td>
                  <td class="number">
                    <span class={edge.errors ? "bad-text" : "quiet-text"}>{percent(edge.error_ratio)}</span>
                  </td>
                  <td class="number">{duration(edge.p95_ns)}</td>
                  <td class="number">
                    <a href={link("/traces", { q: callsQuery(edge) })}>Traces</a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="quiet-text none-here">{none}</p>
      )}
    </section>
  );
}
