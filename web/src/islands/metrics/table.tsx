// An instant result as a table that can be sorted.
import type { QueryData } from "../../data/prometheus_api";

export function ResultTable({ data, isStale }: { data: QueryData; isStale: boolean }) {
  if (data.resultType === "scalar" || data.resultType === "string") {
    return (
      <p class="metrics-scalar" data-stale={isStale || undefined}>
        {data.result[1]}
      </p>
    );
  }
  if (!data.result.length) return <p class="empty">No series at this time.</p>;
  const names = [...new Set(data.result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return (
    <div class="table-scroll" data-stale={isStale || undefined}>
      <table class="table">
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {name === "__name__" ? "metric" : name}
              </th>
            ))}
            <th scope="col" class="number">
              value
            </th>
          </tr>
        </thead>
        <tbody>
          {data.result.slice(0, 500).map(({ metric, value, histogram }, i) => (
            <tr key={i}>
              {names.map((name) => (
                <td key={name} class="mono">
                  {metric[name]}
                </td>
              ))}
              <td class="number">{value ? value[1] : histogram ? `count ${histogram[1].count}, sum ${histogram[1].sum}` : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
