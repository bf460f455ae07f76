// Two traces as one tree: what only one has, what got slower or faster, with a bar for each.
import { useMemo, useState } from "preact/hooks";
import { ago, duration, nsToMs } from "../../data/format";
import { serviceColors } from "../../data/service_colors";
import { type Comparison, compareTraces, kindOf, type TraceFacts } from "../../data/trace_compare";
import { asTraceId } from "../../data/trace_search";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";
import { Empty, Notice } from "../../parts/notice";
import { link, navigate, useAddress } from "../../state/address";
import { now } from "../../state/time";
import { Merged } from "./merged";
import { Suggestions } from "./suggestions";

const FILTERS = ["all", "changed", "slower", "faster", "first", "second"] as const;

export function Compare() {
  const params = useAddress();
  const [a, b] = [params.get("a") ?? "", params.get("b") ?? ""];
  const isReady = a !== "" && b !== "";
  const { data, error, isLoading } = useLoad(isReady ? (signal) => compareTraces(a, b, signal) : null, [], `${a} ${b}`);
  return (
    <>
      <Choose a={a} b={b} />
      {error ? <Notice kind="error">{error}</Notice> : null}
      {isReady && isLoading && !data ? <div class="loading-line" /> : null}
      {data ? <Shown data={data} filter={params.get("show") ?? "all"} /> : null}
      {!isReady && a ? <Suggestions first={a} /> : null}
      {!isReady && !a ? (
        <section class="panel">
          <Empty title="Choose two traces">
            Mark two in the <a href={link("/traces")}>list of traces</a>, or paste their ids above.
          </Empty>
        </section>
      ) : null}
    </>
  );
}

function Choose({ a, b }: { a: string; b: string }) {
  const [draft, setDraft] = useState({ a, b });
  const idOf = (text: string): string | null => asTraceId(text) ?? (text.trim() || null);
  const submit = (event: Event): void => {
    event.preventDefault();
    navigate({ a: idOf(draft.a), b: idOf(draft.b) });
  };
  const swap = (): void => {
    setDraft({ a: b, b: a });
    navigate({ a: b || null, b: a || null });
  };
  const shown = { a: draft.a || a, b: draft.b || b };
  return (
    <form class="toolbar compare-choose" onSubmit={submit}>
      <label class="labelled">
        <span>
          <span class="side-mark" data-side="first" aria-hidden="true" /> A, first trace
        </span>
        <input class="input mono" value={shown.a} placeholder="trace id" autocomplete="off" spellcheck={false} onInput={(event) => setDraft({ ...draft, a: event.currentTarget.value })} />
      </label>
      <button type="button" class="tool" aria-label="Swap the two" title="Swap the two" onClick={swap}>
        <Icon name="compare" />
      </button>
      <label class="labelled">
        <span>
          <span class="side-mark" data-side="second" aria-hidden="true" /> B, second trace
        </span>
        <input class="input mono" value={shown.b} placeholder="trace id" autocomplete="off" spellcheck={false} onInput={(event) => setDraft({ ...draft, b: event.currentTarget.value })} />
      </label>
      <button class="button">Compare</button>
    </form>
  );
}

function Shown({ data, filter }: { data: Comparison; filter: string }) {
  const whole = Math.max(data.first.duration_ns, data.second.duration_ns, 1);
  const colors = useMemo(() => serviceColors(data.rows.map(({ service }) => service)), [data]);
  const counts = useMemo(() => {
    const found: Record<string, number> = { all: data.rows.length, changed: 0 };
    for (const row of data.rows) {
      const kind = kindOf(row, whole);
      found[kind] = (found[kind] ?? 0) + 1;
      if (kind !== "same") found.changed = (found.changed ?? 0) + 1;
    }
    return found;
  }, [data]);
  const labels: Record<(typeof FILTERS)[number], string> = { all: "All spans", changed: "Changed", slower: "Slower in B", faster: "Faster in B", first: "Only in A", second: "Only in B" };
  const change = data.second.duration_ns - data.first.duration_ns;
  return (
    <>
      <div class="compare-facts">
        <Facts side="first" label="A" facts={data.first} />
        <p class="compare-change" data-kind={change > 0 ? "slower" : "faster"}>
          <strong>{signed(change)}</strong>
          <span>{data.first.duration_ns ? `B takes ${(data.second.duration_ns / data.first.duration_ns).toFixed(2)} times as long` : ""}</span>
        </p>
        <Facts side="second" label="B" facts={data.second} />
      </div>
      <section class="panel" aria-label="Spans of both traces">
        <div class="toolbar compare-bar" role="group" aria-label="Show">
          {FILTERS.map((one) => (
            <button type="button" key={one} class="tool" aria-pressed={one === filter} disabled={!counts[one]} onClick={() => navigate({ show: one === "all" ? null : one }, { replace: true })}>
              {labels[one]} <span class="count">{counts[one] ?? 0}</span>
            </button>
          ))}
        </div>
        <Merged data={data} filter={filter} whole={whole} colors={colors} />
      </section>
    </>
  );
}

function Facts({ side, label, facts }: { side: "first" | "second"; label: string; facts: TraceFacts }) {
  return (
    <div class="panel compare-side">
      <span class="side-mark" data-side={side} aria-hidden="true" />
      <a href={link(`/traces/${facts.trace_id}`)}>
        {label} <code>{facts.trace_id.slice(0, 12)}…</code>
      </a>
      <strong>{duration(facts.duration_ns)}</strong>
      <span class="quiet-text">
        {facts.spans} {facts.spans === 1 ? "span" : "spans"}
        {facts.errors ? `, ${facts.errors} ${facts.errors === 1 ? "error" : "errors"}` : ""} · {ago(now() - nsToMs(facts.start_ns))}
      </span>
    </div>
  );
}

/** `+12 ms`, `−3 ms`. */
export function signed(ns: number): string {
  return ns === 0 ? "±0" : `${ns > 0 ? "+" : "−"}${duration(Math.abs(ns))}`;
}
