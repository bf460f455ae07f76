// What panels need to load: their size, whether they are near the viewport, and their data.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { namesIn, type Values } from "../../dashboard/interpolate";
import { type Context, load, type PanelData } from "../../dashboard/run";
import type { Panel } from "../../dashboard/types";
import { isAbort } from "../../data/api";
import { reason } from "../../data/overview";
import type { Size } from "./types";

export function useSize(host: RefObject<HTMLElement | null>): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    if (!host.current) return undefined;
    const sizes = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      setSize((before) => (before && Math.abs(before.width - width) < 1 && Math.abs(before.height - height) < 1 ? before : { width, height }));
    });
    sizes.observe(host.current);
    return () => sizes.disconnect();
  }, []);
  return size;
}

/** True while the element is in the viewport or about a screen away. */
export function useNear(host: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (!host.current) return undefined;
    const seen = new IntersectionObserver((entries) => setNear(entries.at(-1)?.isIntersecting ?? false), { rootMargin: "400px 0px" });
    seen.observe(host.current);
    return () => seen.disconnect();
  }, []);
  return isNear;
}

export interface PanelState {
  data: PanelData | null;
  error: string;
  isLoading: boolean;
}

const NOTHING: PanelState = { data: null, error: "", isLoading: false };

/** Names of the variables that a panel has anywhere. */
function usedBy(panel: Panel): string[] {
  const { targets, transformations, fieldConfig, timeFrom, timeShift, interval } = panel;
  return namesIn(JSON.stringify([targets, transformations, fieldConfig.defaults.displayName, fieldConfig.overrides, timeFrom, timeShift, interval]));
}

/** The panel's data; asked again when the window, the tick or a variable it uses changes, and only while it is near. */
export function usePanelData(panel: Panel, context: Context | null, { scoped, width, tick, isNear }: { scoped: Values; width: number; tick: number; isNear: boolean }): PanelState {
  const [state, set] = useState<PanelState>(NOTHING);
  const names = useMemo(() => usedBy(panel), [panel]);
  const abort = useRef<AbortController | null>(null);
  const asked = useRef("");
  // A few pixels more or less are no reason to ask again.
  const points = Math.ceil(width / 100) * 100;
  const key = context ? JSON.stringify([names.map((name) => scoped.get(name) ?? context.values.get(name) ?? null), context.filters, context.window.start, context.window.end, tick, points]) : "";
  useEffect(() => {
    if (!isNear || !context || !points || asked.current === key) return;
    asked.current = key;
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    set((before) => ({ ...before, isLoading: true }));
    load(panel, context, { scoped, width: points }, own.signal).then(
      (data) => own.signal.aborted || set({ data, error: "", isLoading: false }),
      (error: unknown) => own.signal.aborted || isAbort(error) || set((before) => ({ ...before, error: reason(error), isLoading: false })),
    );
  }, [isNear, key]);
  useEffect(() => () => abort.current?.abort(), []);
  return state;
}
