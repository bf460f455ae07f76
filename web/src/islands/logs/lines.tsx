// The list of lines: pages of the query, or the live tail, which never moves what is being read.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { count } from "../../data/format";
import type { LogRow } from "../../data/log_row";
import { Icon } from "../../parts/icon";
import { Empty, Notice } from "../../parts/notice";
import { addKeys } from "../../page/keys";
import { Details, type RowActions } from "./details";
import { LongList } from "./list";
import { Row, type RowView } from "./row";
import { type Lines, MOST_SHOWN } from "./use_lines";
import type { Tail } from "./use_tail";

export interface LinesProps {
  lines: Lines;
  tail: Tail | null;
  /** Set while what is shown must stay: scrolled, opened, selected. */
  held: { current: boolean };
  view: RowView;
  isWrapped: boolean;
  onWrap: () => void;
  actions: RowActions;
  /** Lines in the window, as far as the volume tells. */
  total: number | null;
  /** Nanoseconds of the line that a link means. */
  target: string;
  onWider: () => void;
}

/** Rows further down than this are being read. */
const AT_TOP = 12;

export function LineList(props: LinesProps) {
  const { lines, tail, held, view, isWrapped, actions } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const root = useRef<HTMLDivElement>(null);
  const scrolled = useRef(0);
  const toTop = useRef<() => void>(() => undefined);
  const rows = tail ? tail.rows : lines.rows;
  const target = props.target ? rows.find((row) => row.ns === props.target)?.key : undefined;
  useEffect(() => {
    if (target) setOpen((before) => new Set([...before, target]));
  }, [target]);
  useHold(root, scrolled, held, open);
  useEffect(
    () =>
      addKeys({
        w: { text: "Wrap long lines", run: props.onWrap },
        "[": { text: "Close all lines", run: () => setOpen(new Set()) },
      }),
    [props.onWrap],
  );
  const toggle = useCallback((row: LogRow): void => {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(row.key)) next.add(row.key);
      return next;
    });
  }, []);
  const release = (): void => {
    setOpen(new Set());
    getSelection()?.removeAllRanges();
    held.current = false;
    scrolled.current = 0;
    toTop.current();
    tail?.release();
  };
  return (
    <section class="panel log-lines" aria-label="Lines" ref={root} data-wrap={isWrapped || undefined} style={{ "--columns": view.columns.length }} data-date={view.hasDate || undefined}>
      <Status {...props} shown={rows.length} />
      {tail && tail.waiting > 0 ? (
        <button type="button" class="pill log-pill" onClick={release}>
          {count(tail.waiting)} new
        </button>
      ) : null}
      {rows.length ? (
        <div class="log-list" data-stale={(!tail && lines.isStale) || undefined}>
          <LongList
            items={rows}
            keyOf={(row) => row.key}
            label="Log lines"
            layout={`${isWrapped} ${view.columns.join()}`}
            onEnd={() => (tail ? undefined : lines.more())}
            onScroll={(top) => {
              scrolled.current = top;
              held.current = isHeld(root.current, top, open);
            }}
            toTop={toTop}
            {...(target ? { target } : {})}
            head={<Head columns={view.columns} onColumn={actions.onColumn} />}
            foot={tail ? null : <Foot lines={lines} />}
            render={(row, index) => (
              <Row row={row} index={index} view={view} isOpen={open.has(row.key)} isMarked={row.key === target} onToggle={toggle}>
                {open.has(row.key) ? <Details row={row} view={view} actions={actions} /> : null}
              </Row>
            )}
          />
        </div>
      ) : (
        <Nothing {...props} />
      )}
    </section>
  );
}

/** Whether somebody reads: scrolled down, a line opened, text selected. */
function isHeld(root: HTMLElement | null, top: number, open: ReadonlySet<string>): boolean {
  const selection = getSelection();
  const isSelected = !!selection && !selection.isCollapsed && !!root?.contains(selection.anchorNode);
  return top > AT_TOP || open.size > 0 || isSelected;
}

function useHold(root: { current: HTMLElement | null }, scrolled: { current: number }, held: { current: boolean }, open: ReadonlySet<string>): void {
  useEffect(() => {
    const update = (): void => void (held.current = isHeld(root.current, scrolled.current, open));
    update();
    document.addEventListener("selectionchange", update);
    return () => document.removeEventListener("selectionchange", update);
  }, [open]);
}

/** How much of what there is, or how the tail goes. */
function Status({ lines, tail, total, shown }: LinesProps & { shown: number }) {
  if (tail) {
    const words = { off: "", connecting: "Connecting…", open: "Live", lost: "Connection lost, trying again" }[tail.state];
    return (
      <div class="log-status" role="status" data-state={tail.state}>
        <span class="live-dot" aria-hidden="true" />
        <span>
          {words}
          {tail.state === "open" ? ` · ${tail.rate < 10 ? tail.rate.toFixed(1) : Math.round(tail.rate)} lines/s · ${count(tail.received)} received` : ""}
          {tail.waiting ? " · held while you read" : ""}
        </span>
        {tail.dropped ? <span class="badge" data-kind="warn">{count(tail.dropped)} left out: more than this page can take</span> : null}
        {tail.error ? <Notice kind="error">{tail.error}</Notice> : null}
      </div>
    );
  }
  if (!shown) return lines.isLoading ? <div class="loading-line" /> : null;
  const isAll = !lines.hasMore;
  const whole = total !== null && total > shown ? total : null;
  return (
    <div class="log-status">
      {lines.isLoading || lines.isLoadingMore ? <div class="loading-line" /> : null}
      <span>
        {lines.answered === null ? "Loading…" : isAll ? `${number(shown)} ${shown === 1 ? "line" : "lines"}` : whole ? `${number(shown)} of ~${number(whole)} lines shown` : `${number(shown)} lines shown, there are more`}
      </span>
    </div>
  );
}

const number = (value: number): string => Math.round(value).toLocaleString("en");

function Head({ columns, onColumn }: { columns: readonly string[]; onColumn: (name: string) => void }) {
  return (
    <div class="log-head" role="rowgroup">
      <div class="log-line" role="row">
        <div role="columnheader" class="log-time">
          Time
        </div>
        <div role="columnheader" class="log-level">
          Level
        </div>
        <div role="columnheader" class="log-service">
          Service
        </div>
        {columns.map((name) => (
          <div role="columnheader" class="log-column" key={name}>
            <span>{name}</span>
            <button type="button" aria-label={`Remove column ${name}`} onClick={() => onColumn(name)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
        <div role="columnheader" class="log-text">
          Message
        </div>
      </div>
    </div>
  );
}

function Foot({ lines }: { lines: Lines }) {
  const isFull = lines.rows.length >= MOST_SHOWN;
  if (isFull && lines.hasMore) return <p class="log-note quiet-text">{number(MOST_SHOWN)} lines are shown at most. Narrow the window, or download the rest.</p>;
  if (!lines.hasMore) return <p class="log-note quiet-text">That is all in this window.</p>;
  return (
    <p class="log-note">
      <button type="button" class="tool quiet" disabled={lines.isLoadingMore} onClick={lines.more}>
        {lines.isLoadingMore ? "Loading…" : "Load more"}
      </button>
    </p>
  );
}

function Nothing({ lines, tail, onWider }: LinesProps) {
  if (tail) return <p class="empty">{tail.state === "open" ? "Waiting for lines that match…" : ""}</p>;
  if (lines.isLoading || lines.error) return <p class="empty">{lines.isLoading ? "Loading…" : "No lines, as the query failed."}</p>;
  return (
    <Empty title="No lines match in this window">
      <div class="toolbar log-wider">
        <button type="button" class="tool" onClick={onWider}>
          Look at a longer window
        </button>
      </div>
    </Empty>
  );
}
