// The query explained: laid out, its parts, the metrics in it, and what is likely not meant.
import { count } from "../../data/format";
import { explain, type Explained } from "../../data/metric_explain";
import type { Family } from "../../data/metric_query";
import { queryError } from "../../data/query_error";
import { Highlighted } from "../../editor/highlight";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import { QueryTree } from "./tree";

interface Props {
  expr: string;
  onExpr: (expr: string) => void;
}

export function useExplained(expr: string, isAsked: boolean): { explained: Explained | null; problem: ReturnType<typeof queryError> | null } {
  const { data, error } = useLoad(isAsked && expr ? (signal) => explain(expr, signal) : null, [expr, isAsked]);
  return { explained: data, problem: error ? queryError(expr, error) : null };
}

export function Explain({ expr, onExpr, explained }: Props & { explained: Explained | null }) {
  if (!explained) return expr ? null : <p class="empty">Write a query to see what it is made of.</p>;
  const { formatted, hints, metrics, missing, tree, type } = explained;
  return (
    <div class="metrics-explain">
      {hints.map((text) => (
        <Notice key={text} kind="warning">
          {text}
        </Notice>
      ))}
      {missing.map((name) => (
        <Notice key={name} kind="info">
          Nothing is stored of <code>{name}</code>.
        </Notice>
      ))}
      <section>
        <div class="metrics-explain-head">
          <h2>Parts</h2>
          <span class="quiet-text">{type}. Click a part to ask for it alone, at the end of the window.</span>
        </div>
        <QueryTree root={tree} onChoose={onExpr} />
      </section>
      {metrics.length ? <Metrics metrics={metrics} /> : null}
      <section>
        <div class="metrics-explain-head">
          <h2>Laid out</h2>
          {formatted === expr ? <span class="quiet-text">It is already.</span> : null}
          {formatted === expr ? null : (
            <button type="button" class="tool" onClick={() => onExpr(formatted)}>
              Format the query
            </button>
          )}
        </div>
        <pre class="metrics-formatted" tabindex={0} aria-label="The query laid out">
          <Highlighted language="promql" text={formatted} />
        </pre>
      </section>
    </div>
  );
}

function Metrics({ metrics }: { metrics: readonly Family[] }) {
  return (
    <section>
      <div class="metrics-explain-head">
        <h2>Metrics</h2>
      </div>
      <div class="table-scroll" role="region" aria-label="Metrics of the query" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Type</th>
              <th scope="col">Unit</th>
              <th scope="col" class="number">
                Series
              </th>
              <th scope="col">Help</th>
            </tr>
          </thead>
          <tbody>
            {metrics.map((one) => (
              <tr key={one.name}>
                <td class="mono">{one.name}</td>
                <td>{one.type || "unknown"}</td>
                <td>{one.unit || "–"}</td>
                <td class="number">{count(one.series)}</td>
                <td class="metrics-help">{one.help || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
