// Who calls a service, and whom it calls.
import { duration } from "../../data/format";
import type { Edge, ServiceAnswer } from "../../data/services_api";
import { NumberHeads } from "../../parts/table_heads";
import { link } from "../../state/address";
import { CallsCells, ServiceCell, TracesCell, TracesHead } from "./edge_cells";

export function Neighbours({ answer }: { answer: ServiceAnswer }) {
  return (
    <div class="pair-even">
      <Side title="Called by" edges={answer.callers ?? []} end="parent" none="No other service calls it in this window." />
      <Side title="Calls" edges={answer.callees ?? []} end="child" none="It calls no other service in this window." />
    </div>
  );
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
                <NumberHeads names={["Calls/s", "Errors", "p95"]} />
                <TracesHead />
              </tr>
            </thead>
            <tbody>
              {sorted.map((edge) => (
                <tr key={edge[end]}>
                  <ServiceCell service={edge[end]} />
                  <CallsCells edge={edge} />
                  <td class="number">{duration(edge.p95_ns)}</td>
                  <TracesCell edge={edge} />
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
