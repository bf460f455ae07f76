// Range queries over Prometheus' HTTP API, same origin.
import type { MatrixSeries, Steps } from "./series";

interface Answer {
  status: "success" | "error";
  data?: { resultType: string; result: MatrixSeries[] };
  error?: string;
}

/** Series of a query over steps. Rejects with the server's own words. */
export async function queryRange(query: string, steps: Steps, signal: AbortSignal): Promise<MatrixSeries[]> {
  const parameters = new URLSearchParams({
    query,
    start: String(steps.start),
    end: String(steps.end),
    step: String(steps.step),
  });
  const response = await fetch(`/api/v1/query_range?${parameters.toString()}`, { signal, cache: "no-store" });
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? ((await response.json()) as Answer) : null;
  if (!response.ok || answer?.status !== "success" || !answer.data) {
    throw new Error(answer?.error ?? `the server answered ${response.status}`);
  }
  return answer.data.result;
}
