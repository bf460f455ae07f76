// The live tail: Loki's WebSocket, into a bounded buffer that is shown a few times a second.
import { useEffect, useRef, useState } from "preact/hooks";
import { url } from "../../data/api";
import { compare, type LogRow, type LogStream, rowsOfTail } from "../../data/log_row";
import { TailBuffer } from "../../data/log_tail";
import { now } from "../../state/time";

export interface Tail {
  /** Newest first. */
  rows: readonly LogRow[];
  /** Lines that came while the shown ones were held. */
  waiting: number;
  received: number;
  dropped: number;
  rate: number;
  state: "off" | "connecting" | "open" | "lost";
  error: string | null;
  /** Shows what waits. */
  release: () => void;
}

interface Message {
  streams?: LogStream[] | null;
  dropped_entries?: unknown[] | null;
}

const FLUSH_MS = 120;
const HISTORY = 500;
const RETRY_MS = 2000;
/** The server closes so when the query cannot be followed. */
const INTERNAL_ERROR = 1011;
const OFF = { rows: [], waiting: 0, received: 0, dropped: 0, rate: 0, state: "off", error: null } as const;

/** `query` null: off. While `isHeld` says so, what is shown stays. */
export function useTail(query: string | null, start: number, streamLabels: ReadonlySet<string>, isHeld: () => boolean): Tail {
  const [shown, set] = useState<Omit<Tail, "release">>(OFF);
  const latest = useRef(isHeld);
  latest.current = isHeld;
  const buffer = useRef(new TailBuffer());

  useEffect(() => {
    if (query === null) {
      set(OFF);
      return undefined;
    }
    buffer.current = new TailBuffer();
    const tail = buffer.current;
    let isGone = false;
    let socket: WebSocket | null = null;
    let status: { state: Tail["state"]; error: string | null } = { state: "connecting", error: null };
    let retry: ReturnType<typeof setTimeout> | undefined;

    const show = (): void => {
      if (isGone) return;
      const facts = { received: tail.received, dropped: tail.dropped, rate: tail.rate(Date.now()), ...status };
      if (!latest.current()) tail.waiting = 0;
      set((before) => (tail.waiting ? { ...before, ...facts, waiting: tail.waiting } : { ...facts, rows: tail.rows, waiting: 0 }));
    };
    const tell = (state: Tail["state"], error: string | null = null): void => {
      status = { state, error };
      show();
    };
    const connect = (): void => {
      const newest = tail.rows[0]?.ns;
      const from = newest && compare(newest, "0") > 0 ? newest : `${Math.round(start)}000000`;
      const address = new URL(url("/loki/api/v1/tail", { query, start: from, limit: HISTORY }), location.href);
      address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
      socket = new WebSocket(address);
      socket.onopen = () => tell("open");
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as Message;
        tail.dropped += message.dropped_entries?.length ?? 0;
        tail.add(rowsOfTail(message.streams ?? [], streamLabels), Date.now(), latest.current());
      };
      socket.onclose = ({ code, reason }) => {
        if (isGone) return;
        if (code === INTERNAL_ERROR && reason) return tell("lost", reason);
        tell("lost", null);
        retry = setTimeout(connect, RETRY_MS);
      };
    };
    set({ ...OFF, state: "connecting" });
    connect();
    const timer = setInterval(show, FLUSH_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
      clearTimeout(retry);
      socket?.close();
    };
  }, [query]);

  const release = (): void => {
    buffer.current.waiting = 0;
    set((before) => ({ ...before, rows: buffer.current.rows, waiting: 0 }));
  };
  return { ...shown, release };
}

/** Where a tail begins: what the window shows, but no more than the last minutes. */
export function tailStart(windowStart: number): number {
  return Math.max(windowStart, now() - 15 * 60_000);
}
