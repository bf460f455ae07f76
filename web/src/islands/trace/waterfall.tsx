// The rows of a trace over its time (WAI-ARIA treegrid). Only the rows in sight exist.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ticksOf } from "../../data/trace_zoom";
import type { Section } from "./path";
import { ROW_PX, Row } from "./row";
import type { TraceState, View } from "./state";

const OVERSCAN = 6;
/** The deepest level is indented so far at most. */
const MOST_INDENT_PX = 220;
const NARROW_PX = 704;

interface WaterfallProps {
  view: View;
  state: TraceState;
  rows: readonly number[];
  sections: ReadonlyMap<number, readonly Section[]> | null;
  hits: ReadonlySet<number>;
  active: number;
  onActive: (place: number) => void;
  /** Spans that the filters leave; others are shown only for their place in the tree. */
  left: readonly number[] | null;
}

export function Waterfall({ view, state, rows, sections, hits, active, onActive, left }: WaterfallProps) {
  const { tree } = view;
  const box = useRef<HTMLDivElement>(null);
  const { first, last } = useSight(box, rows.length);
  const index = useMemo(() => rows.indexOf(active), [rows, active]);
  const kept = useMemo(() => left && new Set(left), [left]);
  const deepest = useMemo(() => rows.reduce((most, place) => Math.max(most, tree.depths[place] ?? 0), 0), [rows]);
  const isNarrow = innerWidth < NARROW_PX;
  const indent = Math.min(isNarrow ? 8 : 14, MOST_INDENT_PX / (isNarrow ? 4 : 1) / Math.max(1, deepest));
  useRoom(box);
  useEffect(() => {
    if (index >= 0 && box.current) scrollTo(box.current, index);
  }, [index]);
  const onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>("[data-place]");
    if (!row) return;
    const place = Number(row.dataset.place);
    if (target.closest("[data-fold]")) return toggle(state, place);
    onActive(place);
    state.select(place === state.selected ? -1 : place);
  };
  const ticks = ticksOf(state.zoom, isNarrow ? 2 : 5);
  const length = state.zoom.to - state.zoom.from;
  const shown = rows.slice(first, last);
  return (
    <div class="waterfall" ref={box} role="treegrid" aria-label="Spans" aria-rowcount={rows.length + 1} aria-colcount={2} tabindex={0} aria-activedescendant={index >= first && index < last ? `span-${active}` : undefined} onClick={onClick} onKeyDown={(event) => onKey(event, { view, state, rows, index, onActive })}>
      <div class="waterfall-head" role="row" aria-rowindex={1}>
        <div class="waterfall-name" role="columnheader">
          Service and operation
        </div>
        <div class="waterfall-time" role="columnheader" aria-label="Time">
          <div class="lane">
            {ticks.map(({ at, text }) => (
              <span key={at} style={{ left: `${((at - state.zoom.from) / length) * 100}%` }}>
                {text}
              </span>
            ))}
          </div>
        </div>
      </div>
      <div class="waterfall-rows" role="rowgroup" style={{ height: `${rows.length * ROW_PX}px` }}>
        <div class="waterfall-lines" aria-hidden="true">
          {ticks.map(({ at }) => (
            <i key={at} style={{ left: `${((at - state.zoom.from) / length) * 100}%` }} />
          ))}
        </div>
        {shown.map((place, i) => (
          <Row
            key={place}
            view={view}
            place={place}
            index={first + i}
            indent={indent}
            zoom={state.zoom}
            sections={sections?.get(place)}
            isFolded={state.folded.has(place)}
            isActive={place === active}
            isSelected={place === state.selected}
            isHit={hits.has(place)}
            isDim={(hits.size > 0 && !hits.has(place)) || (kept !== null && !kept.has(place))}
          />
        ))}
      </div>
    </div>
  );
}

/** Which rows lie in the scrolled box, and some around them. */
function useSight(box: { current: HTMLDivElement | null }, count: number): { first: number; last: number } {
  const [sight, set] = useState({ first: 0, last: Math.min(count, 60) });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - OVERSCAN);
      const last = Math.min(count, Math.ceil((element.scrollTop + element.clientHeight) / ROW_PX) + OVERSCAN);
      set((before) => (before.first === first && before.last === last ? before : { first, last }));
    };
    const plan = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    element.addEventListener("scroll", plan, { passive: true });
    const watch = new ResizeObserver(plan);
    watch.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", plan);
      watch.disconnect();
    };
  }, [count]);
  return { first: Math.min(sight.first, count), last: Math.min(sight.last, count) };
}

/** The box ends where the window does: what is scrolled is the rows, not the page. */
function useRoom(box: { current: HTMLDivElement | null }): void {
  useEffect(() => {
    const measure = (): void => {
      const panel = box.current?.parentElement;
      if (!panel) return;
      const top = panel.getBoundingClientRect().top + scrollY;
      panel.style.setProperty("--room", `${Math.max(352, innerHeight - top - 24)}px`);
    };
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
}

function scrollTo(box: HTMLElement, index: number): void {
  const head = box.querySelector<HTMLElement>(".waterfall-head")?.offsetHeight ?? ROW_PX;
  const top = index * ROW_PX;
  const room = box.clientHeight - head;
  if (top < box.scrollTop) box.scrollTop = Math.max(0, top - 2 * ROW_PX);
  else if (top + ROW_PX > box.scrollTop + room) box.scrollTop = top + 3 * ROW_PX - room;
}

function toggle(state: TraceState, place: number): void {
  const next = new Set(state.folded);
  if (!next.delete(place)) next.add(place);
  state.fold(next);
}

interface KeyContext {
  view: View;
  state: TraceState;
  rows: readonly number[];
  index: number;
  onActive: (place: number) => void;
}

function onKey(event: KeyboardEvent, { view: { trace, tree }, state, rows, index, onActive }: KeyContext): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const place = rows[index] ?? -1;
  const page = Math.max(1, Math.floor((event.currentTarget as HTMLElement).clientHeight / ROW_PX) - 2);
  const go = (to: number): void => onActive(rows[Math.min(rows.length - 1, Math.max(0, to))] ?? -1);
  const hasChildren = (tree.children[place]?.length ?? 0) > 0;
  const isFolded = state.folded.has(place);
  const actions: Record<string, () => void> = {
    ArrowDown: () => go(index + 1),
    ArrowUp: () => go(Math.max(0, index - 1)),
    j: () => go(index + 1),
    k: () => go(Math.max(0, index - 1)),
    PageDown: () => go(index + page),
    PageUp: () => go(index - page),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight: () => (hasChildren && isFolded ? toggle(state, place) : hasChildren ? go(index + 1) : undefined),
    ArrowLeft: () => (hasChildren && !isFolded ? toggle(state, place) : onActive((trace.parents[place] ?? -1) >= 0 ? (trace.parents[place] as number) : place)),
    Enter: () => place >= 0 && state.select(place === state.selected ? -1 : place),
    " ": () => hasChildren && toggle(state, place),
    Escape: () => state.selected >= 0 && state.select(-1),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}
