// The formats that `${name:format}` can name, as Grafana documents them.
import { escapeRegex } from "./quoting";
import type { Value } from "./interpolate";

/** A value in a format; unknown ones are `glob`. */
export function formatted(value: Value, format: string, name = ""): string {
  const [form = "", ...rest] = format.split(":");
  const values = value.values;
  if (form === "date") return date(values[0] ?? "", rest.join(":"));
  if (form === "text") return (value.texts?.length ? value.texts : values).join(" + ");
  if (form === "queryparam" || form === "customqueryparam") return values.map((one) => `var-${encodeURIComponent(name)}=${percent(one)}`).join("&");
  return (FORMATS[form] ?? glob)(values);
}

type Join = (values: readonly string[]) => string;

const glob: Join = (values) => (values.length === 1 ? (values[0] ?? "") : `{${values.join(",")}}`);

const quotedWith =
  (mark: string, escaped: string): Join =>
  (values) =>
    values.map((one) => mark + one.replaceAll(mark, escaped) + mark).join(",");

const comma: Join = (values) => values.join(",");

const FORMATS: Record<string, Join> = {
  raw: comma,
  csv: comma,
  distributed: comma,
  pipe: (values) => values.join("|"),
  regex: (values) => {
    const escaped = values.map(escapeRegex);
    return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.join("|")})`;
  },
  json: (values) => JSON.stringify(values.length === 1 ? values[0] : values),
  lucene: (values) => {
    if (!values.length) return "__empty__";
    const escaped = values.map((one) => one.replace(/[!*+\-=<>\s&|()[\]{}^~?:\\/"]/g, "\\$&"));
    return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.map((one) => `"${one}"`).join(" OR ")})`;
  },
  singlequote: quotedWith("'", "\\'"),
  doublequote: quotedWith('"', '\\"'),
  sqlstring: quotedWith("'", "''"),
  percentencode: (values) => percent(glob(values)),
  uriencode: (values) => encodeURI(glob(values)),
};

function percent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A time (milliseconds): as ISO 8601, `seconds`, or as a pattern such as `YYYY-MM`; UTC. */
function date(text: string, form: string): string {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return text;
  if (form === "" || form === "iso") return at.toISOString();
  if (form === "seconds") return String(Math.floor(ms / 1000));
  const tokens: Record<string, string> = {
    YYYY: String(at.getUTCFullYear()),
    YY: two(at.getUTCFullYear() % 100),
    MM: two(at.getUTCMonth() + 1),
    DD: two(at.getUTCDate()),
    HH: two(at.getUTCHours()),
    mm: two(at.getUTCMinutes()),
    ss: two(at.getUTCSeconds()),
    SSS: String(at.getUTCMilliseconds()).padStart(3, "0"),
  };
  return form.replace(/YYYY|YY|MM|DD|HH|mm|SSS|ss|\[[^\]]*\]/g, (token) => (token.startsWith("[") ? token.slice(1, -1) : (tokens[token] ?? token)));
}
