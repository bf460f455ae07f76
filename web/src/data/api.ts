// One way to ask the server, whatever the contract; errors carry what people need.

/** What a server's refusal says. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type Params = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** A path with parameters; null, undefined and empty lists are left out. */
export function url(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) for (const one of value as readonly string[]) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** JSON of a GET. Long queries go as a form, which the contracts take too. */
export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const full = url(path, params);
  if (full.length < 4000) return ask<T>(full, { signal: signal ?? null });
  const [, body = ""] = full.split(/\?(.*)/s);
  return ask<T>(path, { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" }, signal: signal ?? null });
}

/** JSON of a POST with a JSON body. */
export async function post<T>(path: string, document: unknown, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { method: "POST", body: JSON.stringify(document), headers: { "Content-Type": "application/json" }, signal: signal ?? null });
}

/** Any request; the answer's JSON, or undefined when there is no body. Throws ApiError. */
export async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { cache: "no-store", ...init, headers: { Accept: "application/json", ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("the server cannot be reached", 0);
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(message(text, response.status), response.status);
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError("the server's answer is no JSON", response.status);
  }
}

/** The words of an error in the envelopes of Prometheus, Loki, Tempo, Jaeger, Alertmanager and ours. */
export function message(text: string, status: number): string {
  try {
    const found = JSON.parse(text) as unknown;
    if (typeof found === "string") return found;
    if (typeof found === "object" && found !== null) {
      const { error, message: words, errors } = found as { error?: unknown; message?: unknown; errors?: { msg?: string }[] };
      if (typeof error === "string") return error;
      if (typeof error === "object" && error !== null && typeof (error as { message?: unknown }).message === "string") return (error as { message: string }).message;
      if (typeof words === "string") return words;
      if (Array.isArray(errors) && errors[0]?.msg) return errors[0].msg;
    }
  } catch {
    // plain text, as Loki and Tempo answer
  }
  const plain = text.trim();
  return plain && plain.length < 2000 && !plain.startsWith("<") ? plain : `the server answered ${status}`;
}

/** Whether a request ended because nobody waits for it any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
