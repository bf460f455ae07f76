// What is chosen on a trace's page; all of it is in the address.
import { useMemo } from "preact/hooks";
import type { TraceData } from "../../data/trace_model";
import { deeperThan, type Tree } from "../../data/trace_tree";
import { printZoom, readZoom, type Zoom } from "../../data/trace_zoom";
import { navigate, useAddress } from "../../state/address";

export interface View {
  trace: TraceData;
  tree: Tree;
  /** Numbers of colours by service. */
  colors: ReadonlyMap<string, number>;
}

/** Larger traces show the critical path only on request: the server has to walk them. */
const PATH_UP_TO = 20_000;
/** More folded spans than this are not written into the address. */
const MOST_FOLDED = 40;

export interface TraceState {
  /** Place of the span whose details are shown, or -1. */
  selected: number;
  folded: ReadonlySet<number>;
  zoom: Zoom;
  find: string;
  services: ReadonlySet<string>;
  onlyErrors: boolean;
  hasPath: boolean;
  select(place: number): void;
  fold(places: ReadonlySet<number>): void;
  setZoom(zoom: Zoom | null): void;
  setFind(text: string): void;
  setServices(names: ReadonlySet<string>): void;
  setOnlyErrors(isOn: boolean): void;
  setPath(isOn: boolean): void;
  setTab(tab: string): void;
  /** Shows a span in the waterfall. */
  jump(place: number): void;
}

/** Folded spans of a large set live here, as the address would be too long. */
const large = new Map<string, ReadonlySet<number>>();

export function useTraceState({ trace, tree }: View): TraceState {
  const address = useAddress();
  const places = useMemo(() => new Map(trace.ids.map((id, place) => [id, place] as const).reverse()), [trace]);
  const foldText = address.get("fold") ?? "";
  const folded = useMemo(() => readFolded(foldText, trace, tree, places), [foldText, trace]);
  const zoomText = address.get("z") ?? "";
  const zoom = useMemo(() => readZoom(zoomText, trace.duration_ns), [zoomText, trace]);
  const serviceText = address.getAll("service").join("\n");
  const services = useMemo(() => new Set(serviceText ? serviceText.split("\n") : []), [serviceText]);
  const isShown = trace.span_count <= PATH_UP_TO;
  return {
    selected: places.get(address.get("span") ?? "") ?? -1,
    folded,
    zoom,
    find: address.get("find") ?? "",
    services,
    onlyErrors: address.get("errors") === "1",
    hasPath: address.has("path") ? address.get("path") === "1" : isShown,
    select: (place) => navigate({ span: trace.ids[place] ?? null }, { replace: true }),
    fold: (next) => navigate({ fold: printFolded(next, trace) }, { replace: true }),
    setZoom: (next) => navigate({ z: next && printZoom(next, trace.duration_ns) }),
    setFind: (text) => navigate({ find: text || null }, { replace: true }),
    setServices: (names) => navigate({ service: [...names] }),
    setOnlyErrors: (isOn) => navigate({ errors: isOn ? "1" : null }),
    setPath: (isOn) => navigate({ path: isOn === isShown ? null : isOn ? "1" : "0" }, { replace: true }),
    setTab: (tab) => navigate({ tab: tab === "waterfall" ? null : tab }),
    jump: (place) => navigate({ tab: null, span: trace.ids[place] ?? null }),
  };
}

/** `all`, `2` (all below a level), `large` (kept in memory), or span ids. */
function readFolded(text: string, trace: TraceData, tree: Tree, places: ReadonlyMap<string, number>): ReadonlySet<number> {
  if (text === "all") return deeperThan(tree, 0);
  if (text.startsWith("large")) return large.get(text) ?? new Set();
  const found = new Set<number>();
  for (const id of text.split(",")) {
    const place = places.get(id);
    if (place !== undefined && trace.ids[place]) found.add(place);
  }
  return found;
}

function printFolded(folded: ReadonlySet<number>, trace: TraceData): string | null {
  if (!folded.size) return null;
  if (folded.size <= MOST_FOLDED) return [...folded].map((place) => trace.ids[place]).join(",");
  const name = `large-${large.size}`;
  large.set(name, folded);
  return name;
}
