// Which fields an override or a transformation is about.
import type { DataFrame, Field } from "./frames";
import { numberOf, reduce } from "./reduce";
import type { Matcher } from "./types";

type Test = (field: Field, frame: DataFrame) => boolean;

/** A regular expression as dashboards write it: `/…/flags` or plain; null when it is broken. */
export function pattern(text: string): RegExp | null {
  const slashed = /^\/(.*)\/([a-z]*)$/s.exec(text);
  try {
    return new RegExp(slashed?.[1] ?? text, (slashed?.[2] ?? "").replace(/[gy]/g, ""));
  } catch {
    return null;
  }
}

/** The name a field is known by: what is shown, or its own. */
export function nameOf(field: Field): string {
  return field.displayName || field.name;
}

export function matches({ id, options }: Matcher): Test {
  switch (id) {
    case "byName": {
      const name = typeof options === "string" ? options : String((options as { name?: string } | null)?.name ?? "");
      return (field) => nameOf(field) === name || field.name === name;
    }
    case "byNames":
      return byNames(options);
    case "byRegexp":
    case "byRegexpOrNames":
      return byRegexp(options);
    case "byType":
      return (field) => field.type === options;
    case "byTypes":
      return (field) => (Array.isArray(options) ? options : []).includes(field.type);
    case "numeric":
      return (field) => field.type === "number";
    case "time":
      return (field) => field.type === "time";
    case "byFrameRefID":
      return (_, frame) => frame.refId === options || (pattern(`^(?:${String(options)})$`)?.test(frame.refId) ?? false);
    case "byFrameName":
      return (_, frame) => frame.name === options;
    case "byValue":
      return byValue(options);
    case "firstTimeField":
      return (field, frame) => field === frame.fields.find(({ type }) => type === "time");
    case "firstNumberField":
      return (field, frame) => field === frame.fields.find(({ type }) => type === "number");
    case "anyField":
    case "all":
      return () => true;
    default:
      return () => false;
  }
}

function byNames(options: unknown): Test {
  const { names = [], mode = "include" } = (options ?? {}) as { names?: string[]; mode?: string };
  return (field) => (names.includes(nameOf(field)) || names.includes(field.name)) !== (mode === "exclude");
}

function byRegexp(options: unknown): Test {
  const given = options as { pattern?: string; names?: string[] } | string | null;
  const text = typeof given === "string" ? given : (given?.pattern ?? "");
  const names = typeof given === "object" ? (given?.names ?? []) : [];
  const found = text ? pattern(text) : null;
  return (field) => (found?.test(nameOf(field)) ?? false) || names.includes(nameOf(field));
}

function byValue(options: unknown): Test {
  const { reducer = "lastNotNull", op = "==", value = 0 } = (options ?? {}) as { reducer?: string; op?: string; value?: number };
  return (field) => {
    if (field.type !== "number") return false;
    const found = numberOf(reduce(field.values, reducer));
    return compare(found, op, value);
  };
}

export function compare(a: number | null, op: string, b: number): boolean {
  if (a === null) return false;
  switch (op) {
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case "!=":
      return a !== b;
    default:
      return a === b;
  }
}
