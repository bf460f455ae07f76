// Time series (and trends): lines, areas, bars.
import { useMemo } from "preact/hooks";
import { chartFrame, legendOf, logOf, rangeOf, seriesFields, thresholdsOf } from "../../../dashboard/chart_model";
import { noDataText } from "../../../dashboard/nothing";
import { TimeChart } from "../../../plot/time_chart";
import { zoom, zoomOut } from "../../../state/time";
import type { BodyProps } from "../types";

export function ChartBody({ panel, data, title, size, zone, marks, isStale, sync }: BodyProps) {
  const frame = useMemo(() => chartFrame(data.frames, data.stepMs), [data]);
  const { fields, thresholds } = useMemo(() => {
    const found = seriesFields(data.frames).map(({ field }) => field);
    return { fields: found, thresholds: thresholdsOf(found.find(({ options }) => options?.thresholds)) };
  }, [data]);
  const legend = legendOf(panel, size.width);
  const tooltip = { single: "single", none: "none" } as const;
  const mode = String((panel.options.tooltip as { mode?: string } | undefined)?.mode ?? "single");
  const first = fields[0]?.options;
  return (
    <TimeChart
      frame={frame}
      window={data.window}
      title={title}
      tz={zone}
      unit={first?.unit ?? ""}
      {...(first?.decimals === null || first?.decimals === undefined ? {} : { decimals: first.decimals })}
      {...rangeOf(fields)}
      log={logOf(fields[0])}
      axisLabel={String(first?.custom.axisLabel ?? "")}
      legend={frame.series.length ? legend.form : "none"}
      calcs={legend.calcs}
      tooltip={tooltip[mode as keyof typeof tooltip] ?? "all"}
      marks={marks}
      thresholds={thresholds}
      dots={data.dots}
      sync={sync}
      onZoom={zoom}
      onZoomOut={zoomOut}
      isStale={isStale}
      noData={noDataText(panel)}
    />
  );
}
