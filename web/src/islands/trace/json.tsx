// The trace as it came, as OTLP JSON; a large one only in part.
import type { TraceData } from "../../data/trace_model";
import { ApiError } from "../../data/api";
import { copyText } from "../../parts/clipboard";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";

const MOST_CHARS = 300_000;
/** Larger traces are offered for download only. */
const MOST_SPANS = 5000;

export function JsonTab({ trace }: { trace: TraceData }) {
  const path = `/api/ui/traces/${trace.trace_id}/export?format=otlp`;
  const isSmall = trace.total <= MOST_SPANS;
  const { data, error } = useLoad(isSmall ? (signal) => load(path, signal) : null, [], trace.trace_id);
  const shown = data && (data.length > MOST_CHARS ? data.slice(0, MOST_CHARS) : data);
  return (
    <section class="panel" aria-label="JSON">
      <div class="panel-head">
        <h2>OTLP JSON</h2>
        <span class="spacer" />
        {data ? (
          <button type="button" class="tool" onClick={() => void copyText(data, "JSON")}>
            Copy
          </button>
        ) : null}
        <a class="tool" href={path} download="">
          Download
        </a>
      </div>
      {error ? <Notice kind="error">{error}</Notice> : null}
      {isSmall ? null : <p class="empty">{trace.total} spans are too many to be shown as text. Download them.</p>}
      {data && data.length > MOST_CHARS ? <Notice kind="info">The first {MOST_CHARS.toLocaleString("en")} characters of {data.length.toLocaleString("en")}.</Notice> : null}
      {shown ? (
        <pre class="trace-json" tabindex={0} aria-label="Trace as JSON">
          {shown}
        </pre>
      ) : null}
    </section>
  );
}

async function load(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal, cache: "no-store" });
  if (!response.ok) throw new ApiError(`the server answered ${response.status}`, response.status);
  return JSON.stringify(await response.json(), null, 2);
}
