// State timeline and status history.
import { useMemo } from "preact/hooks";
import { noDataText } from "../../../dashboard/nothing";
import { stateRows } from "../../../dashboard/states";
import { StateTimeline } from "../../../plot/state_timeline";
import { zoom, zoomOut } from "../../../state/time";
import type { BodyProps } from "../types";

export function StatesBody({ panel, data, title, size, zone }: BodyProps) {
  const { showValue = "auto", mergeValues = true } = panel.options as { showValue?: string; mergeValues?: boolean };
  const merges = panel.type === "state-timeline" && mergeValues;
  const rows = useMemo(() => stateRows(data.frames, { stepMs: data.stepMs, merges, zone }), [data, merges, zone]);
  const rowHeight = Math.max(18, Math.min(44, (size.height - 28) / Math.max(1, rows.length)));
  return <StateTimeline rows={rows} window={data.window} title={title} tz={zone} rowHeight={rowHeight} showText={showValue === "never" ? "never" : showValue === "always" ? "always" : "auto"} onZoom={zoom} onZoomOut={zoomOut} noData={noDataText(panel)} />;
}
