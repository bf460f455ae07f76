// What can be done with a panel: view, explore, inspect, copy, download, its links.
import { useState } from "preact/hooks";
import { csvOf } from "../../dashboard/csv";
import { plainLink } from "../../dashboard/data_links";
import { explorePath, placeOf } from "../../dashboard/explore";
import type { Values } from "../../dashboard/interpolate";
import type { Placed } from "../../dashboard/layout";
import { get } from "../../data/api";
import type { Window } from "../../data/time_range";
import { reason } from "../../data/overview";
import { copyText } from "../../parts/clipboard";
import { Menu, type MenuItem } from "../../parts/menu";
import { toast } from "../../parts/toast";
import { link, navigate } from "../../state/address";
import { Inspect } from "./inspect";
import type { PanelState } from "./use_panel";

interface Props {
  placed: Placed;
  title: string;
  state: PanelState;
  values: Values;
  isWhole: boolean;
  window: Window | null;
  uid: string;
}

export function PanelMenu({ placed, title, state, values, isWhole, window, uid }: Props) {
  const { panel } = placed;
  const [isInspected, setInspected] = useState(false);
  const { data } = state;
  const asked = data?.asked.find(({ expr }) => expr) ?? null;
  const explore = asked && window ? explorePath(asked, data?.window ?? window) : placeOf(panel) && link(placeOf(panel));
  const frames = data?.frames ?? [];
  const items: MenuItem[] = [
    isWhole ? { label: "Back to the dashboard", onChoose: () => navigate({ viewPanel: null }) } : { label: "View", note: "alone; key v", onChoose: () => navigate({ viewPanel: viewOf(placed) }) },
    ...(explore ? [{ label: "Explore", href: explore }] : []),
    ...(data ? [{ label: "Inspect", note: "data, queries, JSON", onChoose: () => setInspected(true) }] : []),
    { label: "Copy panel JSON", onChoose: () => void copyPanel(uid, panel.id) },
    ...(frames.length ? [{ label: "Download CSV", onChoose: () => download(`${title || panel.type}.csv`, csvOf(frames)) }] : []),
    ...panel.links.flatMap((one) => {
      const found = plainLink(one, values, location.search);
      return found ? [{ label: found.title, href: found.href }] : [];
    }),
  ];
  return (
    <>
      <Menu label={`Menu of ${title || panel.type}`} items={items} isQuiet>
        <span class="dash-dots" aria-hidden="true">
          ⋯
        </span>
      </Menu>
      {isInspected && data ? <Inspect title={title} panel={panel} data={data} uid={uid} onClose={() => setInspected(false)} /> : null}
    </>
  );
}

/** How the address names a panel; a copy of a repeated one with its value. */
export function viewOf({ panel, key }: Placed): string {
  return key.includes(":") ? key : String(panel.id);
}

/** A panel of the file as it is. */
export async function originalPanel(uid: string, id: number): Promise<unknown> {
  type Json = { panels?: Json[]; rows?: Json[]; id?: number; dashboard?: Json };
  const file = await get<Json>(`/api/ui/dashboards/${encodeURIComponent(uid)}/json`);
  const find = ({ panels = [], rows = [] }: Json): Json | undefined => [...panels, ...rows].map((one) => (one.id === id && !("rows" in one) ? one : find(one))).find(Boolean);
  return find(file.dashboard ?? file);
}

async function copyPanel(uid: string, id: number): Promise<void> {
  try {
    const found = await originalPanel(uid, id);
    if (!found) toast("The file gives this panel no id of its own", "failed");
    else await copyText(JSON.stringify(found, null, 2), "panel JSON");
  } catch (error) {
    toast(reason(error), "failed");
  }
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name.replace(/[^\w .-]+/g, "_");
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
