// Cells of tables of calls between services.
import { rate } from "../../data/format";
import { type Edge, percent } from "../../data/services_api";
import { quotedText } from "../../data/trace_form";
import { link } from "../../state/address";

export function ServiceCell({ service }: { service: string }) {
  return (
    <td>
      <a href={link(`/services/${encodeURIComponent(service)}`)}>{service || "unknown"}</a>
    </td>
  );
}

/** Calls, and how many of them failed. */
export function CallsCells({ edge }: { edge: Edge }) {
  return (
    <>
      <td class="number">{rate(edge.rate)}</td>
      <td class="number">
        <span class={edge.errors ? "bad-text" : "quiet-text"}>{percent(edge.error_ratio)}</span>
      </td>
    </>
  );
}

export function TracesHead() {
  return (
    <th scope="col">
      <span class="hidden-text">Traces</span>
    </th>
  );
}

export function TracesCell({ edge }: { edge: Edge }) {
  return (
    <td class="number">
      <a href={link("/traces", { q: callsQuery(edge) })}>Traces</a>
    </td>
  );
}

/** The spans of the called service that a caller is above. */
export function callsQuery({ parent, child }: Pick<Edge, "parent" | "child">): string {
  return `{ resource.service.name = ${quotedText(parent)} } > { resource.service.name = ${quotedText(child)} }`;
}
