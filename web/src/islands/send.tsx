// "Send test data": one span, one log line, one metric, over the same paths that programs use.
import { useState } from "preact/hooks";
import { reason } from "../data/overview";
import { sampleRequests, send, type Signal } from "../data/sample";

type Result = "sending" | "accepted" | { error: string };

const NAMES: Record<Signal, string> = { traces: "Span", logs: "Log line", metrics: "Metric" };

export function Send() {
  const [results, setResults] = useState<Partial<Record<Signal, Result>>>({});
  const all = Object.values(results);
  const isBusy = all.includes("sending");
  const isDone = all.length === 3 && all.every((result) => result === "accepted");

  const start = (): void => {
    for (const { signal, path, body } of sampleRequests(Date.now())) {
      const set = (result: Result): void => setResults((before) => ({ ...before, [signal]: result }));
      set("sending");
      send(path, body).then(
        () => set("accepted"),
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
      <ul class="send-results" role="status">
        {(Object.keys(NAMES) as Signal[]).map((signal) => {
          const result = results[signal];
          if (!result) return null;
          const isError = typeof result === "object";
          return (
            <li key={signal} data-state={isError ? "failed" : result}>
              {NAMES[signal]}: {isError ? result.error : result}
            </li>
          );
        })}
        {isDone ? (
          <li>
            <a href="/">See it on the home page</a>
          </li>
        ) : null}
      </ul>
    </>
  );
}
