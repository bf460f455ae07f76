// Links of panels, values and dashboards: variables replaced, only addresses that browsers may open.
import type { Entry, Link } from "./types";
import { type Field, type DataFrame } from "./frames";
import { interpolate, type Value, type Values } from "./interpolate";
import { fieldValues } from "./field_config";
import { nameOf } from "./matcher";

export interface Opened {
  title: string;
  href: string;
  isNew: boolean;
}

/** An address as the page may use it: of this site, or http(s); else empty. */
export function safeUrl(url: string): string {
  const text = url.trim();
  if (/^(?:https?:)?\/\//i.test(text) || /^[/?#]/.test(text)) return text;
  if (/^[a-z][a-z\d+.-]*:/i.test(text)) return /^mailto:/i.test(text) ? text : "";
  return text ? `/${text.replace(/^\.\//, "")}` : "";
}

/** The time window and the variables as parameters of a link. */
export function sharedParams(search: string, { keepTime, includeVariables }: { keepTime: boolean; includeVariables: boolean }): string {
  const found = [...new URLSearchParams(search)].filter(([name]) => (keepTime && ["from", "to", "tz"].includes(name)) || (includeVariables && name.startsWith("var-")));
  return new URLSearchParams(found).toString();
}

export function joined(url: string, params: string): string {
  return params ? `${url}${url.includes("?") ? "&" : "?"}${params}` : url;
}

/** A link of the dashboard or of a panel. */
export function plainLink(link: Link, values: Values, search: string): Opened | null {
  const own = new Map([...values, ...urlValues(search)]);
  const href = safeUrl(interpolate(link.url, own));
  if (!href) return null;
  return { title: interpolate(link.title, values, { form: "text" }) || href, href: joined(href, sharedParams(search, link)), isNew: link.targetBlank };
}

/** Dashboards that a link by tags leads to. */
export function tagged(link: Link, entries: readonly Entry[], search: string): Opened[] {
  const found = entries.filter(({ tags }) => link.tags.every((tag) => tags.includes(tag)));
  return found.map(({ title, url }) => ({ title, href: joined(url, sharedParams(search, link)), isNew: link.targetBlank }));
}

/** Links of a value: `${__value.raw}`, `${__field.labels.x}`, `${__data.fields.x}`. */
export function valueLinks(field: Field, frame: DataFrame, { row, text, values, search }: { row: number; text: string; values: Values; search: string }): Opened[] {
  const links = field.options?.links ?? [];
  if (!links.length) return [];
  const raw = field.values[row];
  const cells = frame.fields.flatMap((one, at) => {
    const value = String(one.values[row] ?? "");
    return [nameOf(one), one.name].flatMap((name) => [`fields.${name}`, `fields["${name}"]`, `fields['${name}']`]).concat(`fields[${at}]`).map((key) => [`__data.${key}`, value] as const);
  });
  const time = frame.fields.find(({ type }) => type === "time")?.values[row];
  const own = [["__value.raw", String(raw ?? "")], ["__value.numeric", String(raw ?? "")], ["__value.text", text], ["__value", text], ["__value.time", String(time ?? "")], ["__value_time", String(time ?? "")], ...cells] as const;
  const all = new Map<string, Value>([...values, ...urlValues(search), ...fieldValues(field, frame)]);
  for (const [key, value] of own) all.set(key, { values: [value] });
  return links.flatMap((link) => {
    const href = safeUrl(interpolate(link.url, all, { form: "" }));
    return href ? [{ title: interpolate(link.title, all) || href, href, isNew: link.targetBlank }] : [];
  });
}

function urlValues(search: string): [string, { values: string[] }][] {
  const time = sharedParams(search, { keepTime: true, includeVariables: false });
  const variables = sharedParams(search, { keepTime: false, includeVariables: true });
  return [
    ["__url_time_range", { values: [time] }],
    ["__all_variables", { values: [variables] }],
  ];
}
