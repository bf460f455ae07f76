// States over time: values of each field as spans of equal state.
import type { StateRow, StateSpan } from "../plot/state_timeline";
import { seriesFields } from "./chart_model";
import type { DataFrame, Field } from "./frames";
import { timeField } from "./frames";
import { PLAIN } from "./field_config";
import { nameOf } from "./matcher";
import { scaleOf, shown } from "./shown";

/** Rows of spans; with `merges` equal neighbours become one. A gap of more than a step ends a span. */
export function stateRows(frames: readonly DataFrame[], { stepMs, merges, zone }: { stepMs: number; merges: boolean; zone: "local" | "utc" }): StateRow[] {
  const texts = frames.flatMap((frame) => {
    const times = timeField(frame)?.values as number[] | undefined;
    return times ? frame.fields.filter(({ type }) => type === "string" || type === "boolean").map((field) => ({ field, times })) : [];
  });
  return [...seriesFields(frames), ...texts].map(({ field, times }, index) => ({ name: nameOf(field), spans: spansOf(field, times, { stepMs, merges, zone, index }) }));
}

function spansOf(field: Field, times: readonly number[], { stepMs, merges, zone, index }: { stepMs: number; merges: boolean; zone: "local" | "utc"; index: number }): StateSpan[] {
  const scale = { ...scaleOf([field]), index, name: nameOf(field) };
  const spans: StateSpan[] = [];
  times.forEach((at, i) => {
    const value = field.values[i];
    if (value === null || value === undefined) return;
    const next = times[i + 1];
    const until = next === undefined || next - at > stepMs * 1.5 ? at + stepMs : next;
    const { text, color } = shown(value, field.options ?? PLAIN, scale, field.type === "number" ? "thresholds" : "palette-classic", zone);
    const last = spans.at(-1);
    if (merges && last && last.text === text && last.color === color && at - last.until <= 1) last.until = until;
    else spans.push({ from: at, until, text, color });
  });
  return spans;
}
