// Attribute values of OTLP/JSON as text, and as TraceQL writes them.
import { quotedText } from "./trace_form";

export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  /** 64 bits: a string, or a number. */
  intValue?: string | number;
  doubleValue?: number | string;
  bytesValue?: string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: Pair[] };
}

export interface Pair {
  key: string;
  value?: AnyValue;
}

export interface SpanEvent {
  name?: string;
  timeUnixNano?: string;
  attributes?: Pair[];
}

export interface SpanLink {
  traceId?: string;
  spanId?: string;
  attributes?: Pair[];
}

/** A span as `/api/ui/traces/ID/spans/ID` answers it. */
export interface SpanDetails {
  resource: { attributes?: Pair[] };
  scope: { name?: string; version?: string; attributes?: Pair[] };
  span: {
    spanId?: string;
    parentSpanId?: string;
    name?: string;
    kind?: number;
    traceState?: string;
    startTimeUnixNano?: string;
    endTimeUnixNano?: string;
    status?: { code?: number; message?: string };
    attributes?: Pair[];
    events?: SpanEvent[];
    links?: SpanLink[];
    droppedAttributesCount?: number;
    droppedEventsCount?: number;
  };
}

/** A value in one line. */
export function textOf(value: AnyValue | undefined): string {
  if (!value) return "";
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.intValue !== undefined) return String(value.intValue);
  if (value.doubleValue !== undefined) return String(value.doubleValue);
  if (value.bytesValue !== undefined) return value.bytesValue;
  if (value.arrayValue) return `[${(value.arrayValue.values ?? []).map(inner).join(", ")}]`;
  if (value.kvlistValue) return `{${(value.kvlistValue.values ?? []).map(({ key, value: one }) => `${key}: ${inner(one)}`).join(", ")}}`;
  return "";
}

const inner = (value: AnyValue | undefined): string => (value?.stringValue === undefined ? textOf(value) : JSON.stringify(value.stringValue));

/** The value in a condition of TraceQL; null when it can not be compared with. */
export function traceqlValue(value: AnyValue | undefined): string | null {
  if (value?.stringValue !== undefined) return quotedText(value.stringValue);
  if (value?.arrayValue || value?.kvlistValue || value?.bytesValue !== undefined) return null;
  const text = textOf(value);
  return text === "" || /^(NaN|-?Infinity)$/.test(text) ? null : text;
}

/** The value of a key; empty when there is none. */
export function valueOf(pairs: readonly Pair[] | undefined, key: string): string {
  return textOf(pairs?.find((pair) => pair.key === key)?.value);
}
