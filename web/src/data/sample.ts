// One span, one log line and one metric as OTLP/JSON (OTLP 1.x, JSON Protobuf encoding).

export type Signal = "traces" | "logs" | "metrics";

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });

export interface SampleRequest {
  signal: Signal;
  path: string;
  body: object;
  /** The page that shows what was sent. */
  href: string;
}

/** Request bodies by path; the line belongs to the span. */
export function sampleRequests(nowMs: number): SampleRequest[] {
  const at = (ms: number): string => `${Math.round(ms)}000000`;
  const resource = { attributes: [text("service.name", "browser-test"), text("telemetry.sdk.language", "webjs")] };
  const scope = { name: "appliance.connect" };
  const traceId = hex(16);
  const spanId = hex(8);
  const span = {
    traceId,
    spanId,
    name: "test from the Connect page",
    kind: 1,
    startTimeUnixNano: at(nowMs - 42),
    endTimeUnixNano: at(nowMs),
    attributes: [text("test.kind", "button")],
    status: { code: 1 },
  };
  const record = {
    timeUnixNano: at(nowMs),
    observedTimeUnixNano: at(nowMs),
    severityNumber: 9,
    severityText: "INFO",
    body: { stringValue: "test line from the Connect page" },
    traceId,
    spanId,
  };
  const metric = {
    name: "connect_test_clicks",
    description: "Clicks on the test button.",
    gauge: { dataPoints: [{ timeUnixNano: at(nowMs), asDouble: 1 }] },
  };
  const line = `{service_name="browser-test"} | trace_id="${traceId}"`;
  return [
    { signal: "traces", path: "/v1/traces", href: `/traces/${traceId}`, body: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] } },
    { signal: "logs", path: "/v1/logs", href: `/logs?q=${encodeURIComponent(line)}`, body: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] } },
    { signal: "metrics", path: "/v1/metrics", href: "/metrics?g0.expr=connect_test_clicks&g0.tab=1", body: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }] } },
  ];
}

/** Sends one request; the promise rejects with the server's own words. */
export async function send(path: string, body: object): Promise<void> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) throw new Error(String(answer.message ?? answer.error ?? `the server answered ${response.status}`));
  const partial = answer.partialSuccess as Record<string, unknown> | undefined;
  if (partial && Object.entries(partial).some(([name, value]) => name.startsWith("rejected") && Number(value) > 0)) {
    throw new Error(String(partial.errorMessage ?? "rejected"));
  }
}
