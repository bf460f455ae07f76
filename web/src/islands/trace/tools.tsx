// Above the waterfall: find, filters, folding, the critical path.
import { useEffect, useRef, useState } from "preact/hooks";
import { deeperThan } from "../../data/trace_tree";
import { Icon } from "../../parts/icon";
import { Menu } from "../../parts/menu";
import { query } from "../../state/address";
import type { TraceState, View } from "./state";
import type { Hits } from "./waterfall_tab";

interface ToolsProps {
  view: View;
  state: TraceState;
  hits: Hits;
  /** Spans that the filters leave; null: no filter. */
  shown: number | null;
  active: number;
  onMove: (by: number) => void;
  pathError: string | null;
}

export function Tools({ view, state, hits, shown, active, onMove, pathError }: ToolsProps) {
  const { trace, tree } = view;
  return (
    <div class="toolbar waterfall-tools">
      <Find state={state} hits={hits} active={active} onMove={onMove} />
      <div class="service-chips" role="group" aria-label="Services" data-many={trace.service_counts.length > 4 || undefined}>
        {trace.service_counts.slice(0, 12).map(([name, spans, errors]) => (
          <ServiceChip key={name} view={view} state={state} name={name} spans={spans} errors={errors} />
        ))}
        {trace.service_counts.length > 12 ? <MoreServices view={view} state={state} /> : null}
      </div>
      {shown === null ? null : (
        <span class="quiet-text" role="status">
          {shown} of {trace.span_count} spans
        </span>
      )}
      <span class="spacer" />
      {trace.error_count ? (
        <button type="button" class="tool" aria-pressed={state.onlyErrors} title="Only spans with errors and what leads to them (e: next error)" onClick={() => state.setOnlyErrors(!state.onlyErrors)}>
          <Icon name="warning" />
          Errors only
        </button>
      ) : null}
      <button type="button" class="tool" aria-pressed={state.hasPath} title={pathError ?? "The spans that the whole trace waits for"} disabled={trace.span_count < 2} onClick={() => state.setPath(!state.hasPath)}>
        <span class="path-key" aria-hidden="true" />
        Critical path
      </button>
      <button type="button" class="tool" title="Fold all ([)" aria-label="Fold all" onClick={() => state.fold(deeperThan(tree, 0))}>
        <Icon name="minus" />
      </button>
      <button type="button" class="tool" title="Unfold all (])" aria-label="Unfold all" onClick={() => state.fold(new Set())}>
        <Icon name="plus" />
      </button>
    </div>
  );
}

function ServiceChip({ view, state, name, spans, errors }: { view: View; state: TraceState; name: string; spans: number; errors: number }) {
  const isOn = state.services.has(name);
  const toggle = (): void => {
    const next = new Set(state.services);
    if (isOn) next.delete(name);
    else next.add(name);
    state.setServices(next);
  };
  return (
    <button type="button" class="service-chip" aria-pressed={isOn} title={isOn ? "Show all services again" : "Only spans of this service, and what leads to them"} onClick={toggle}>
      <span class="service-dot" data-color={view.colors.get(name)} aria-hidden="true" />
      {name || "unknown"} <span class="count">{spans}</span>
      {errors ? (
        <span class="chip-errors">
          {errors} {errors === 1 ? "error" : "errors"}
        </span>
      ) : null}
    </button>
  );
}

function MoreServices({ view, state }: { view: View; state: TraceState }) {
  const rest = view.trace.service_counts.slice(12);
  const items = rest.map(([name, spans]) => ({ label: name || "unknown", note: `${spans} spans`, isOn: state.services.has(name), onChoose: () => state.setServices(new Set([...state.services, name])) }));
  return <Menu label={`${rest.length} more`} items={items} align="start" isQuiet />;
}

function Find({ state, hits, active, onMove }: { state: TraceState; hits: Hits; active: number; onMove: (by: number) => void }) {
  const [text, setText] = useState(state.find);
  const written = useRef(state.find);
  useEffect(() => {
    // By now more may have been typed; only what somebody else wrote into the address counts.
    const found = query().get("find") ?? "";
    if (found === written.current) return;
    written.current = found;
    setText(found);
  }, [state.find]);
  const at = hits.places.indexOf(active);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") {
      event.preventDefault();
      onMove(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape" && text) {
      event.stopPropagation();
      state.setFind("");
    }
  };
  return (
    <div class="find" data-search>
      <input
        type="search"
        class="input"
        aria-label="Find spans"
        placeholder="Find: name, service, key=value"
        value={text}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          written.current = event.currentTarget.value;
          setText(written.current);
          state.setFind(written.current);
        }}
        onKeyDown={onKeyDown}
      />
      {text.trim() ? (
        <>
          <span class="find-count" role="status">
            {at >= 0 ? `${at + 1} of ` : ""}
            {hits.places.length}
            {hits.isPartial ? "+" : ""}
            {hits.isLoading ? " …" : ""}
          </span>
          <button type="button" class="tool quiet" aria-label="Previous hit" title="Previous hit (Shift-Enter, N)" disabled={!hits.places.length} onClick={() => onMove(-1)}>
            <Icon name="left" />
          </button>
          <button type="button" class="tool quiet" aria-label="Next hit" title="Next hit (Enter, n)" disabled={!hits.places.length} onClick={() => onMove(1)}>
            <Icon name="right" />
          </button>
        </>
      ) : null}
    </div>
  );
}
