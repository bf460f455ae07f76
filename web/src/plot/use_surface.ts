// A surface and a tooltip for the life of a component.
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type Scene, Surface, type SurfaceEvents } from "./surface";
import { Tooltip } from "./tooltip";

export interface Parts {
  surface: Surface;
  tooltip: Tooltip;
}

/** Draws `scene` in the element of the answer's `host` whenever it changes; events go to the latest rendering. */
export function useSurface(scene: Scene | null, label: string, events: (parts: Parts) => SurfaceEvents): { host: RefObject<HTMLDivElement | null>; parts: { current: Parts | null } } {
  const host = useRef<HTMLDivElement>(null);
  const parts = useRef<Parts | null>(null);
  const latest = useRef(events);
  latest.current = events;
  useEffect(() => {
    if (!host.current) return undefined;
    const made: Parts = { surface: new Surface(host.current, () => latest.current(made)), tooltip: new Tooltip(host.current) };
    parts.current = made;
    const away = (event: PointerEvent): void => {
      if (!host.current?.contains(event.target as Node)) made.tooltip.hide();
    };
    document.addEventListener("pointerdown", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      made.surface.destroy();
      made.tooltip.destroy();
      parts.current = null;
    };
  }, []);
  useEffect(() => {
    if (scene) parts.current?.surface.show(scene, label);
  }, [scene, label]);
  return { host, parts };
}
