// The page's whole state is its address. One store, so that islands of a page agree.
import { useEffect, useState } from "preact/hooks";

export type Changes = Record<string, string | readonly string[] | null>;

const listeners = new Set<() => void>();

/** The address's query as it is now. */
export function query(): URLSearchParams {
  return new URLSearchParams(location.search);
}

/** The query with some parameters set (`null` or an empty list removes one); order is kept. */
export function changed(search: string, changes: Changes): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (typeof value === "string") {
      params.set(name, value);
      continue;
    }
    params.delete(name);
    for (const one of value ?? []) params.append(name, one);
  }
  // Colons, commas and slashes are legal in a query and keep it readable.
  const text = params.toString().replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2F/g, "/");
  return text && `?${text}`;
}

/** Changes parameters of the address: a step that Back undoes, or in place with `replace`. */
export function navigate(changes: Changes, { replace = false } = {}): void {
  const search = changed(location.search, changes);
  if (search === location.search) return;
  const url = location.pathname + search + location.hash;
  if (replace) history.replaceState(history.state, "", url);
  else history.pushState(null, "", url);
  tell();
}

/** Calls back after each change, also by Back and Forward. */
export function onAddress(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The query; the component is drawn again whenever it changes. */
export function useAddress(): URLSearchParams {
  const [search, set] = useState(location.search);
  useEffect(() => {
    const listener = (): void => set(location.search);
    listener(); // it may have changed between the first drawing and now
    return onAddress(listener);
  }, []);
  return new URLSearchParams(search);
}

/** One parameter and what sets it. */
export function useParam(name: string, fallback = ""): [string, (value: string | null, options?: { replace?: boolean }) => void] {
  const value = useAddress().get(name) ?? fallback;
  return [value, (next, options) => navigate({ [name]: next === fallback ? null : next }, options)];
}

/** A path of this site with some of the page's shared parameters (time, zone) and others. */
export function link(path: string, params: Changes = {}): string {
  const here = query();
  const kept: Changes = {};
  for (const name of ["from", "to", "tz", "tenant"]) kept[name] = here.get(name);
  return path + changed("", { ...kept, ...params });
}

function tell(): void {
  for (const listener of listeners) listener();
}

if (typeof addEventListener === "function") addEventListener("popstate", tell);
