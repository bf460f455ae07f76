// The patterns of the lines: how often each occurs, when, and a click that keeps only its lines.
import { useMemo, useState } from "preact/hooks";
import { count } from "../../data/format";
import { levelOf } from "../../data/log_level";
import { selectorOf } from "../../data/logql_text";
import { boundsOf, type FoundPattern, patterns } from "../../data/loki_api";
import { useLoad } from "../../parts/hooks";
import { Empty, Notice } from "../../parts/notice";
import { useTime } from "../../state/time";
import { Bars } from "./bars";

const POINTS = 40;
const MOST = 200;

export function Patterns({ query, onPattern }: { query: string; onPattern: (pattern: string, isExcluded: boolean) => void }) {
  const { window, tick } = useTime();
  const selector = selectorOf(query);
  const step = Math.max(10, Math.ceil((window.end - window.start) / 1000 / POINTS));
  const { data, error, isLoading } = useLoad(
    async (signal) => ({ found: await patterns(selector, boundsOf(window), step, signal), window, step }),
    [selector, step, window.start, window.end, tick],
  );
  const [search, setSearch] = useState("");
  const rows = useMemo(() => (data ? tallied(data.found, data.window, data.step) : []), [data]);
  const total = rows.reduce((sum, row) => sum + row.total, 0);
  const shown = rows.filter((row) => row.pattern.toLowerCase().includes(search.toLowerCase()));
  return (
    <section class="panel log-patterns" aria-label="Patterns">
      {isLoading ? <div class="loading-line" /> : null}
      <div class="panel-head">
        <input class="input" type="search" aria-label="Search patterns" placeholder="Search patterns" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        <span class="panel-note">
          {data ? `${count(rows.length)} patterns in about ${count(total)} lines of ` : "Looking for patterns in "}
          <code>{selector}</code>
        </span>
      </div>
      {error ? <Notice kind="error">{error}</Notice> : null}
      {data && !rows.length ? <Empty title="No lines in this window" /> : null}
      {shown.length ? (
        <div class="table-scroll" data-stale={isLoading || undefined}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col" class="number">
                  Lines
                </th>
                <th scope="col" class="number">
                  Share
                </th>
                <th scope="col">Over time</th>
                <th scope="col">Level</th>
                <th scope="col">Pattern</th>
                <th scope="col">
                  <span class="hidden-text">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, MOST).map((row) => (
                <tr key={`${row.level} ${row.pattern}`}>
                  <td class="number">{count(row.total)}</td>
                  <td class="number">{((100 * row.total) / Math.max(1, total)).toFixed(1)} %</td>
                  <td>
                    <Bars values={row.values} level={levelOf(row.level)} title={`${count(row.total)} lines over time`} />
                  </td>
                  <td>
                    <span class="log-level-word" data-level={levelOf(row.level)}>
                      {row.level === "unknown" ? "" : row.level}
                    </span>
                  </td>
                  <td class="log-pattern">
                    <button type="button" data-row title="Only lines like this. Alt-click: without them." onClick={(event) => onPattern(row.pattern, event.altKey)}>
                      <Template text={row.pattern} />
                    </button>
                  </td>
                  <td class="field-actions">
                    <button type="button" aria-label={`Without ${row.pattern}`} title="Without these" onClick={() => onPattern(row.pattern, true)}>
                      ≠
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {shown.length > MOST ? <p class="log-note quiet-text">The {MOST} most frequent of {count(shown.length)} patterns are shown.</p> : null}
    </section>
  );
}

/** A pattern with what varies set apart. */
function Template({ text }: { text: string }) {
  return (
    <>
      {text.split("<_>").map((part, i) => (
        <span key={i}>
          {i ? <span class="log-wildcard">&lt;_&gt;</span> : null}
          {part}
        </span>
      ))}
    </>
  );
}

interface Tally {
  pattern: string;
  level: string;
  total: number;
  values: number[];
}

/** Patterns with their counts on a grid over the window, the most frequent first. */
function tallied(found: readonly FoundPattern[], window: { start: number; end: number }, step: number): Tally[] {
  const first = Math.floor(window.start / 1000 / step);
  const length = Math.max(1, Math.ceil(window.end / 1000 / step) - first);
  return found
    .map(({ pattern, level, samples }) => {
      const values = new Array<number>(length).fill(0);
      let total = 0;
      for (const [at, lines] of samples) {
        const index = Math.min(length - 1, Math.max(0, Math.floor(at / step) - first));
        values[index] = (values[index] ?? 0) + lines;
        total += lines;
      }
      return { pattern, level, total, values };
    })
    .sort((a, b) => b.total - a.total);
}
