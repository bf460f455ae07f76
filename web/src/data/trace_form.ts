// The search form and its TraceQL: each is written from the other. `appliance/ui/trace_form.py` makes
// the same queries; trace_form.cases.json holds for both.

export interface TraceForm {
  service: string;
  operation: string;
  /** `key=value` parts, values in quotes where they have spaces or shall be texts. */
  tags: string;
  minDuration: string;
  maxDuration: string;
  status: "" | "error" | "ok" | "unset";
}

export const EMPTY_FORM: TraceForm = { service: "", operation: "", tags: "", minDuration: "", maxDuration: "", status: "" };

const PLAIN_KEY = /^[A-Za-z_][\w.\-/]*$/;
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;
const TAG = /^(?:"((?:[^"\\]|\\.)*)"|([^\s="]+))\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\S+))/;
const DURATION = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;
const KINDS = new Set(["server", "client", "internal", "producer", "consumer"]);
const STATUSES = new Set(["ok", "error", "unset"]);

export function isDuration(text: string): boolean {
  return DURATION.test(text.trim());
}

/** A string of TraceQL. */
export function quotedText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** An attribute as TraceQL names it. */
export function attributeName(key: string, scope: "" | "span" | "resource" = ""): string {
  return `${scope}.${PLAIN_KEY.test(key) ? key : quotedText(key)}`;
}

export interface Tag {
  key: string;
  value: string;
  isText: boolean;
}

/** The tags of a text, up to what is none; `rest` is that, or empty. */
export function readTags(text: string): { tags: Tag[]; rest: string } {
  const tags: Tag[] = [];
  let rest = text.trim();
  while (rest) {
    const match = TAG.exec(rest);
    if (!match) break;
    const [whole, quotedKey, key, quotedValue, value] = match;
    tags.push({ key: quotedKey === undefined ? (key ?? "") : unescaped(quotedKey), value: quotedValue === undefined ? (value ?? "") : unescaped(quotedValue), isText: quotedValue !== undefined });
    rest = rest.slice(whole.length).trimStart();
  }
  return { tags, rest };
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, "$1");

/** The query of a form; what cannot be read is left out. */
export function queryOfForm(form: Partial<TraceForm>): string {
  const found: string[] = [];
  if (form.service) found.push(`resource.service.name = ${quotedText(form.service)}`);
  if (form.operation && form.operation !== "all") found.push(`name = ${quotedText(form.operation)}`);
  for (const tag of readTags(form.tags ?? "").tags) found.push(conditionOf(tag));
  for (const [text, sign] of [[form.minDuration, ">="], [form.maxDuration, "<="]] as const) {
    if (text && isDuration(text)) found.push(`duration ${sign} ${text.trim().replaceAll("µ", "u")}`);
  }
  if (form.status) found.push(`status = ${form.status}`);
  return found.length ? `{ ${found.join(" && ")} }` : "{ }";
}

function conditionOf({ key, value, isText }: Tag): string {
  const lower = value.toLowerCase();
  if (!isText && key === "error" && (lower === "true" || lower === "false")) return lower === "true" ? "status = error" : "status != error";
  if (key === "span.kind" && KINDS.has(lower)) return `kind = ${lower}`;
  if (key === "otel.status_code" && STATUSES.has(lower)) return `status = ${lower}`;
  const isBare = !isText && (NUMBER.test(value) || value === "true" || value === "false");
  return `${scopedName(key)} = ${isBare ? value : quotedText(value)}`;
}

function scopedName(key: string): string {
  for (const scope of ["resource", "span"] as const) {
    if (key.startsWith(`${scope}.`) && key.length > scope.length + 1) return attributeName(key.slice(scope.length + 1), scope);
  }
  return attributeName(key);
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(&&|>=|<=|!=|=)|((?:[A-Za-z_.][\w.\-/]*(?:"(?:[^"\\]|\\.)*")?)|-?\d[\w.µ]*))/y;

/** The form of a query, or null when the form cannot say it. */
export function formOfQuery(text: string): TraceForm | null {
  const trimmed = text.trim();
  if (trimmed === "") return { ...EMPTY_FORM };
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return null;
  const tokens = tokensOf(trimmed.slice(1, -1));
  if (!tokens) return null;
  const form: TraceForm = { ...EMPTY_FORM };
  const tags: string[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const [name, sign, value, and] = tokens.slice(at, at + 4);
    if (!name || !sign || value === undefined || (and !== undefined && (and !== "&&" || at + 4 >= tokens.length))) return null;
    if (!take(form, tags, name, sign, value)) return null;
  }
  form.tags = tags.join(" ");
  return form;
}

function tokensOf(body: string): string[] | null {
  const found: string[] = [];
  let at = 0;
  while (body.slice(at).trim()) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(body);
    if (!match) return null;
    found.push(match[1] ?? match[2] ?? match[3] ?? "");
    at = TOKEN.lastIndex;
  }
  return found;
}

function take(form: TraceForm, tags: string[], name: string, sign: string, value: string): boolean {
  const text = stringOf(value);
  if (name === "resource.service.name" && sign === "=" && text !== null && !form.service) form.service = text;
  else if (name === "name" && sign === "=" && text !== null && !form.operation) form.operation = text;
  else if (name === "duration" && sign === ">=" && isDuration(value) && !form.minDuration) form.minDuration = value;
  else if (name === "duration" && sign === "<=" && isDuration(value) && !form.maxDuration) form.maxDuration = value;
  else if (name === "status" && sign === "=" && STATUSES.has(value) && !form.status) form.status = value as TraceForm["status"];
  else if (name === "status" && sign === "!=" && value === "error") tags.push("error=false");
  else if (name === "kind" && sign === "=" && KINDS.has(value)) tags.push(`span.kind=${value}`);
  else if (sign === "=" && /^(?:span|resource)?\./.test(name)) return takeTag(tags, name, value, text);
  else return false;
  return true;
}

function takeTag(tags: string[], name: string, value: string, text: string | null): boolean {
  const match = /^(span|resource)?\.(.*)$/s.exec(name);
  const quoted = match?.[2]?.startsWith('"') ? stringOf(match[2]) : null;
  const key = quoted ?? match?.[2] ?? "";
  if (!key || (text === null && !NUMBER.test(value) && value !== "true" && value !== "false")) return false;
  const full = match?.[1] ? `${match[1]}.${key}` : key;
  // Names that the form gives a meaning of their own cannot stand for plain attributes.
  if (!match?.[1] && (/^(error|span\.kind|otel\.status_code)$/.test(key) || /^(span|resource)\./.test(key))) return false;
  const shownKey = /[\s="]/.test(full) ? quotedText(full) : full;
  const needsQuotes = text !== null && (/[\s"]/.test(text) || text === "" || NUMBER.test(text) || text === "true" || text === "false");
  tags.push(`${shownKey}=${text === null ? value : needsQuotes ? quotedText(text) : text}`);
  return true;
}

/** The value of a string; null when it is something else. */
function stringOf(token: string): string | null {
  if (token.startsWith("`")) return token.slice(1, -1);
  if (!token.startsWith('"')) return null;
  return token.slice(1, -1).replace(/\\(n|t|.)/gs, (_, one: string) => ({ n: "\n", t: "\t" })[one] ?? one);
}

/** Adds a condition to a query: into its only braces, or as a filter behind it. */
export function withCondition(query: string, condition: string): string {
  const trimmed = query.trim();
  if (!trimmed || /^\{\s*\}$/.test(trimmed)) return `{ ${condition} }`;
  const only = /^\{([^{}]*)\}$/.exec(trimmed);
  if (only && !only[1]?.includes("||")) return `{ ${only[1]?.trim()} && ${condition} }`;
  return `${trimmed} && { ${condition} }`;
}
