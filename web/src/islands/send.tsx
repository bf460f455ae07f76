// "Send test data": one span, one log line, one metric, over the same paths that programs use.
import { useState } from "preact/hooks";
import { reason } from "../data/overview";
import { sampleRequests, send, type Signal } from "../data/sample";

type Result = "sending" | { href: string } | { error: string };

const NAMES: Record<Signal, string> = { traces: "Span", logs: "Log line", metrics: "Metric" };
const OPEN: Record<Signal, string> = { traces: "Open the trace", logs: "Open the line", metrics: "Open the metric" };

export function Send() {
  const [results, setResults] = useState<Partial<Record<Signal, Result>>>({});
  const all = Object.values(results);
  const isBusy = all.includes("sending");
  const isDone = all.length === 3 && all.every((result) => typeof result === "object" && "href" in result);

  const start = (): void => {
    for (const { signal, path, body, href } of sampleRequests(Date.now())) {
      const set = (result: Result): void => setResults((before) => ({ ...before, [signal]: result }));
      set("sending");
      send(path, body).then(
        () => set({ href }),
        (error: unknown) => set({ error: reason(error) }),
      );
    }
  };

  return (
    <>
      <div class="send-what">
        <strong>Try it now</strong>
        <span>One span, one log line and one metric from this browser.</span>
      </div>
      <button type="button" class="button" onClick={start} disabled={isBusy}>
        Send test data
      </button>
      <div class="send-told" role="status">
        <ul class="send-results">
          {(Object.keys(NAMES) as Signal[]).map((signal) => {
            const result = results[signal];
            if (!result) return null;
            return <Told key={signal} signal={signal} result={result} />;
          })}
          {isDone ? (
            <li>
              <a href="/">See it on the home page</a>
            </li>
          ) : null}
        </ul>
      </div>
    </>
  );
}

function Told({ signal, result }: { signal: Signal; result: Result }) {
  if (result === "sending") return <li>{NAMES[signal]}: sending</li>;
  if ("error" in result) return <li data-state="failed">{`${NAMES[signal]}: ${result.error}`}</li>;
  return (
    <li>
      <span data-state="accepted">{NAMES[signal]}: accepted</span> <a href={result.href}>{OPEN[signal]}</a>
    </li>
  );
}
