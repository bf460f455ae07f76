// A long list of which only the rows in sight are drawn. Rows may have any height; it is measured.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { RowHeights } from "../../data/row_heights";

export interface ListProps<T> {
  items: readonly T[];
  keyOf: (item: T) => string;
  render: (item: T, index: number) => ComponentChildren;
  /** Above the rows, always in sight. */
  head?: ComponentChildren;
  /** Below the last row. */
  foot?: ComponentChildren;
  label: string;
  /** Heights are forgotten when it changes. */
  layout: string;
  onEnd?: () => void;
  onScroll?: (top: number) => void;
  /** Brought into sight once when it changes. */
  target?: string;
  /** Gets what scrolls to the top. */
  toTop?: { current: () => void };
}

/** Before any row was measured. */
const ESTIMATE = 24;
const OVERSCAN = 600;
const SPARE = 200;
const NEAR_END = 1200;

export function LongList<T>(props: ListProps<T>) {
  const { items, keyOf, layout } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const known = useRef(new Map<string, number>());
  const [, again] = useReducer<number, void>((n) => n + 1, 0);
  const typical = useRef(ESTIMATE);
  const heights = useHeights(items, keyOf, layout, known.current, typical);
  const top = scroller.current?.scrollTop ?? 0;
  const view = scroller.current?.clientHeight ?? 600;
  const first = heights.at(Math.max(0, top - OVERSCAN));
  const last = Math.min(items.length, heights.at(top + view + OVERSCAN) + 1);

  const drawn = useRef({ first, last });
  drawn.current = { first, last };

  useLayoutEffect(() => {
    let isOther = false;
    for (const element of body.current?.children ?? []) {
      const index = Number((element as HTMLElement).dataset.index);
      const item = items[index];
      if (item === undefined) continue;
      const height = (element as HTMLElement).getBoundingClientRect().height;
      if (!known.current.size) typical.current = height;
      known.current.set(keyOf(item), height);
      isOther = heights.set(index, height) || isOther;
    }
    if (isOther) again();
  });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== width) known.current.clear();
      width = element.clientWidth;
      again();
    });
    observer.observe(element);
    if (body.current) observer.observe(body.current); // a row that opens by itself, such as when its context came
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const index = props.target ? items.findIndex((item) => keyOf(item) === props.target) : -1;
    if (index >= 0 && scroller.current) scroller.current.scrollTop = Math.max(0, heights.offset(index) - 80);
  }, [props.target, items.length > 0]);
  if (props.toTop) props.toTop.current = () => scroller.current?.scrollTo({ top: 0 });

  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    props.onScroll?.(element.scrollTop);
    if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END) props.onEnd?.();
    // Rows are drawn beyond what is in sight; only when that runs out there is something to do.
    const { scrollTop } = element;
    const isCovered = (drawn.current.first === 0 || heights.offset(drawn.current.first) < scrollTop - SPARE) && (drawn.current.last >= items.length || heights.offset(drawn.current.last) > scrollTop + element.clientHeight + SPARE);
    if (!isCovered) again();
  };
  return (
    <div class="long-list" ref={scroller} onScroll={onScroll} tabindex={-1}>
      <div role="table" aria-label={props.label} aria-rowcount={items.length}>
        {props.head}
        <div class="long-list-all" role="rowgroup" style={{ height: `${heights.offset(items.length)}px` }}>
          <div ref={body} role="presentation" style={{ transform: `translateY(${heights.offset(first)}px)` }}>
            {items.slice(first, last).map((item, i) => (
              <div key={keyOf(item)} data-index={first + i} role="presentation">
                {props.render(item, first + i)}
              </div>
            ))}
          </div>
        </div>
      </div>
      {props.foot}
    </div>
  );
}

/** Heights of the items, made anew when there are others. */
function useHeights<T>(items: readonly T[], keyOf: (item: T) => string, layout: string, known: Map<string, number>, typical: { current: number }): RowHeights {
  const kept = useRef<{ items: readonly T[]; layout: string; estimate: number; heights: RowHeights } | null>(null);
  const estimate = typical.current;
  if (kept.current?.items !== items || kept.current.layout !== layout || kept.current.estimate !== estimate) {
    if (kept.current && kept.current.layout !== layout) known.clear();
    kept.current = { items, layout, estimate, heights: new RowHeights(items.length, estimate, (index) => known.get(keyOf(items[index] as T))) };
  }
  return kept.current.heights;
}
