// The window that other pages open with when they are about a trace.
import { nsToMs } from "../../data/format";
import type { TraceData } from "../../data/trace_model";

/** Five minutes more on both sides than the trace takes, so that charts have a shape. */
const ROOM_MS = 300_000;

export function traceWindow(trace: Pick<TraceData, "start_ns" | "duration_ns">): { from: string; to: string } {
  const start = nsToMs(trace.start_ns);
  return { from: String(start - ROOM_MS), to: String(start + Math.ceil(trace.duration_ns / 1e6) + ROOM_MS) };
}
