// How many log lines at what time, stacked by level, the most severe at the bottom where heights compare.
import { useMemo } from "preact/hooks";
import type { Calc } from "./calcs";
import { byLevel, levelColor } from "./levels";
import type { LegendForm } from "./legend";
import type { Frame, Mark, Series, Window } from "./model";
import { TimeChart } from "./time_chart";

export interface VolumeProps {
  /** Seconds; starts of the buckets. */
  times: Float64Array | number[];
  /** One per level; its name decides its colour. */
  series: Series[];
  window: Window;
  title: string;
  unit?: string;
  height?: number;
  marks?: readonly Mark[];
  onZoom?: (start: number, end: number) => void;
  onZoomOut?: () => void;
  onSeries?: (series: Series, options: { alt: boolean }) => void;
  legend?: LegendForm;
  tz?: "local" | "utc";
  sync?: string;
  isStale?: boolean;
  noData?: string;
}

const SUM: readonly Calc[] = ["sum"];
const STYLE = { draw: "bars", stack: "volume", align: 1, fill: 0.9 } as const;

export function Volume({ times, series, legend = "list", unit = "", height = 110, ...rest }: VolumeProps) {
  const frame = useMemo<Frame>(() => ({ times, series: byLevel(series).map((one) => ({ ...one, color: one.color ?? levelColor(one.name) })) }), [times, series]);
  return <TimeChart {...rest} frame={frame} unit={unit} height={height} legend={legend} calcs={SUM} style={STYLE} />;
}
