// No lines were ever stored: what to send them with, what is watched, and a sign that turns when the first comes.
import { useEffect, useState } from "preact/hooks";
import { labelNames, tailedSources, type TailedSource } from "../../data/loki_api";
import { Command, Empty } from "../../parts/notice";
import { now, refresh } from "../../state/time";
import type { LogsProps } from "./types";

const ASK_MS = 1500;

export function FirstLines({ props, onFirst }: { props: LogsProps; onFirst: (labels: string[]) => void }) {
  const [sources, setSources] = useState<readonly TailedSource[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    const look = async (): Promise<void> => {
      try {
        const [names, watched] = await Promise.all([labelNames({ start: "0", end: `${Math.round(now() + 86_400_000)}000000` }, abort.signal), tailedSources(abort.signal).catch(() => [])]);
        if (abort.signal.aborted) return;
        setSources(watched);
        if (names.length) {
          onFirst(names);
          refresh();
        }
      } catch {
        // the next look may find the server again
      }
    };
    void look();
    const timer = setInterval(() => void look(), ASK_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, []);
  return (
    <section class="panel log-first" aria-label="No lines yet">
      <Empty title="No log lines yet">
        <p class="log-waiting" role="status">
          <span class="live-dot" aria-hidden="true" /> Waiting for the first line. This page shows it as it comes.
        </p>
      </Empty>
      <div class="log-snippets">
        {props.snippets.map((snippet) => (
          <Command key={snippet.title} title={snippet.title} text={snippet.text} />
        ))}
        <Command title="demo data" text={props.demo} />
      </div>
      {sources.length ? <Watched sources={sources} /> : null}
      <p class="log-note quiet-text">
        More ways to send: <a href="/connect">Connect</a>. Files that the server reads by itself: <a href="/tail">Tail</a>.
      </p>
    </section>
  );
}

function Watched({ sources }: { sources: readonly TailedSource[] }) {
  return (
    <div class="table-scroll">
      <table class="table" aria-label="Watched files">
        <thead>
          <tr>
            <th scope="col">Watched</th>
            <th scope="col">Job</th>
            <th scope="col" class="number">
              Lines read
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {sources.slice(0, 20).map((source) => (
            <tr key={`${source.job} ${source.name}`}>
              <td class="mono breakable">{source.name}</td>
              <td>{source.job}</td>
              <td class="number">{source.lines}</td>
              <td>{source.error ? <span class="badge" data-kind="bad">{source.error}</span> : <span class="badge" data-kind="good">reading</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
