// Services and the calls between them: a graph to look at, and the same as a table.
import { duration } from "../../data/format";
import { type Edge, loadMap, type MapAnswer } from "../../data/services_api";
import { Empty, Notice } from "../../parts/notice";
import { useServed } from "../../parts/served";
import { NumberHeads } from "../../parts/table_heads";
import { useParam } from "../../state/address";
import { useTime } from "../../state/time";
import { CallsCells, ServiceCell, TracesCell, TracesHead } from "../services/edge_cells";
import { Graph } from "./graph";

interface MapProps {
  found: MapAnswer;
  isWhole: boolean;
  environment: string;
  demo: string;
}

/** Larger graphs are drawn only for what is near a chosen service. */
const MOST_DRAWN = 150;

export function ServiceMap({ found, isWhole, environment, demo }: MapProps) {
  const { window, tick } = useTime();
  const { data, error, isLoading } = useServed(isWhole ? found : null, (signal) => loadMap(window, signal), [window.start, window.end, tick]);
  const [focus, setFocus] = useParam("service");
  if (!data) return error ? <Notice kind="error">{error}</Notice> : <div class="loading-line" />;
  if (!data.services.length) {
    return (
      <section class="panel">
        <Empty title="No spans in this window" command={environment} commandTitle="for any OpenTelemetry SDK">
          The map draws calls from one service to another, as their spans tell. A demo: <code>{demo}</code>
        </Empty>
      </section>
    );
  }
  const edges = focus ? data.edges.filter(({ parent, child }) => parent === focus || child === focus) : data.edges;
  const names = focus ? [...new Set([focus, ...edges.flatMap(({ parent, child }) => [parent, child])])] : [...new Set([...data.services.map(({ service }) => service), ...edges.flatMap(({ parent, child }) => [parent, child])])];
  return (
    <>
      {error ? <Notice kind="error">{error}</Notice> : null}
      <section class="panel map-panel" aria-label="Map" data-stale={error !== null || undefined}>
        {isLoading ? <div class="loading-line" /> : null}
        <div class="toolbar map-bar">
          <label class="inline-label">
            <span>Around</span>
            <select class="select" value={focus} onChange={(event) => setFocus(event.currentTarget.value || null)}>
              <option value="">All services</option>
              {data.services.map(({ service }) => (
                <option key={service} value={service}>
                  {service || "unknown"}
                </option>
              ))}
            </select>
          </label>
          <span class="quiet-text">
            {names.length} {names.length === 1 ? "service" : "services"}, {edges.length} {edges.length === 1 ? "connection" : "connections"}
          </span>
        </div>
        {names.length > MOST_DRAWN ? <p class="empty">{names.length} services are too many for one picture. Choose one above to see it with its neighbours, or use the table.</p> : <Graph names={names} edges={edges} figures={data.services} />}
      </section>
      <Connections edges={edges} all={data.edge_count ?? data.edges.length} isFocused={focus !== ""} />
    </>
  );
}

function Connections({ edges, all, isFocused }: { edges: readonly Edge[]; all: number; isFocused: boolean }) {
  if (!edges.length) return <p class="quiet-text">No service calls another one in this window.</p>;
  const sorted = [...edges].sort((a, b) => b.calls - a.calls);
  return (
    <section class="panel" aria-labelledby="connections-title">
      <div class="panel-head">
        <h2 id="connections-title">Connections</h2>
        {!isFocused && all > edges.length ? <span class="panel-note">{`${edges.length} of ${all}`}</span> : null}
      </div>
      <div class="table-scroll" tabindex={0} role="group" aria-label="Calls between services">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <NumberHeads names={["Calls/s", "Errors", "p50", "p95", "p99"]} />
              <TracesHead />
            </tr>
          </thead>
          <tbody>
            {sorted.map((edge) => (
              <tr key={`${edge.parent}\n${edge.child}`} data-row>
                <ServiceCell service={edge.parent} />
                <ServiceCell service={edge.child} />
                <CallsCells edge={edge} />
                <td class="number">{duration(edge.p50_ns)}</td>
                <td class="number">{duration(edge.p95_ns)}</td>
                <td class="number">{duration(edge.p99_ns)}</td>
                <TracesCell edge={edge} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
