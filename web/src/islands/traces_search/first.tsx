// No span was ever stored: what to send some with, and a sign that turns when the first comes.
import { useEffect } from "preact/hooks";
import { get } from "../../data/api";
import { Command, Empty } from "../../parts/notice";
import { refresh } from "../../state/time";

const ASK_MS = 1500;

export function FirstTraces({ title = "No traces yet", environment, demo, onFirst }: { title?: string; environment: string; demo: string; onFirst?: () => void }) {
  useEffect(() => {
    const abort = new AbortController();
    const timer = setInterval(() => {
      get<{ data: string[] | null }>("/api/services", {}, abort.signal).then(
        ({ data }) => {
          if (!data?.length) return;
          refresh();
          onFirst?.();
        },
        () => undefined, // the next look may find the server again
      );
    }, ASK_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, []);
  return (
    <section class="panel first-traces" aria-label={title}>
      <Empty title={title}>
        <p class="waiting" role="status">
          <span class="live-dot" aria-hidden="true" /> Waiting for the first span. This page shows it as it comes.
        </p>
      </Empty>
      <div class="first-snippets">
        <Command title="for any OpenTelemetry SDK" text={environment} />
        <Command title="demo data" text={demo} />
      </div>
      <p class="quiet-text">
        More ways to send: <a href="/connect">Connect</a>.
      </p>
    </section>
  );
}
