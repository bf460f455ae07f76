// From a panel's query to the page that explores it.
import { link } from "../state/address";
import type { Window } from "../data/time_range";
import type { Asked } from "./run";
import type { Panel } from "./types";

/** The explorer's address with the query and the window; empty for queries that no page explores. */
export function explorePath(asked: Pick<Asked, "language" | "expr"> | null, window: Window): string {
  if (!asked?.expr) return "";
  const time = { from: String(Math.round(window.start)), to: String(Math.round(window.end)) };
  switch (asked.language) {
    case "promql":
      return link("/metrics", { ...time, "g0.expr": asked.expr });
    case "logql":
      return link("/logs", { ...time, q: asked.expr });
    case "traceql":
      return link("/traces", { ...time, q: asked.expr });
    case "trace":
      return link(`/traces/${encodeURIComponent(asked.expr)}`);
    default:
      return "";
  }
}

/** Where panels lead that ask nothing. */
export function placeOf({ type }: Panel): string {
  return { alertlist: "/alerts", dashlist: "/dashboards", nodeGraph: "/map" }[type as string] ?? "";
}
