// A range answer as lines, areas or cells.
import { useMemo, useState } from "preact/hooks";
import { exemplars } from "../../dashboard/exemplars";
import { count } from "../../data/format";
import { heatOf } from "../../data/metric_heat";
import { unitOf } from "../../data/metric_query";
import type { Panel } from "../../data/panels";
import { withMatcher } from "../../data/promql_filter";
import type { Zone } from "../../data/time_range";
import { useLoad } from "../../parts/hooks";
import { Notice } from "../../parts/notice";
import { toast } from "../../parts/toast";
import { Heatmap } from "../../plot/heatmap";
import type { Mark, Series, Threshold } from "../../plot/model";
import { TimeChart } from "../../plot/time_chart";
import { zoom, zoomOut } from "../../state/time";
import { ServiceLinks } from "./service_links";
import { MOST_SERIES, type Result, seriesOf, useDrawn, USUAL_SERIES } from "./use_panel";

export interface GraphProps {
  panel: Panel;
  result: Result;
  zone: Zone;
  isStale: boolean;
  marks: readonly Mark[];
  thresholds: readonly Threshold[];
  onExpr: (expr: string) => void;
}

const STACKED = { stack: "all", fill: 0.35 } as const;

export function Graph(props: GraphProps) {
  const { panel, result, zone, isStale } = props;
  const [most, setMost] = useState(USUAL_SERIES);
  const { frame, keys, total } = useDrawn(result, most);
  const series = seriesOf(result.answer.data);
  const isNative = series.some(({ histograms }) => histograms?.length);
  const isHeat = panel.form === "heatmap" || (isNative && !series.some(({ values }) => values?.length));
  const heat = useMemo(() => (isHeat ? heatOf(series, frame.times as number[]) : null), [isHeat, result, frame]);
  const dots = useLoad(panel.hasExemplars && panel.expr ? (signal) => exemplars(panel.expr, result.window, signal) : null, [panel.hasExemplars, panel.expr, result]);
  const shared = { title: panel.expr, window: result.window, tz: zone, isStale, onZoom: zoom, onZoomOut: zoomOut };
  if (isHeat && heat) {
    return <Heatmap {...shared} times={heat.times} bounds={heat.bounds} counts={heat.counts} unit={bucketUnit(panel.expr)} countUnit="short" />;
  }
  const onSeries = ({ labels = {} }: Series, { alt }: { alt: boolean }): void => narrow(props, keys, labels, alt);
  return (
    <>
      {isHeat ? <Notice kind="info">No buckets in the answer: a heatmap needs native histograms, or classic ones by their label le, as sum by (le) (rate(x_bucket[5m])).</Notice> : null}
      {total > most ? <TooMany total={total} most={most} onAll={() => setMost(MOST_SERIES)} /> : null}
      <TimeChart
        {...shared}
        unit={unitOf(panel.expr)}
        frame={frame}
        style={panel.form === "stacked" ? STACKED : {}}
        marks={props.marks}
        thresholds={props.thresholds}
        dots={dots.data ?? []}
        legendHeading={keys.length && keys.length <= 4 ? keys.join(" · ") : "Series"}
        calcs={frame.series.length <= 40 ? ["last", "min", "max", "mean"] : ["last"]}
        noData="No series in this window"
        {...(frame.series.length ? { onSeries } : {})}
        {...(panel.isFromZero ? { min: 0 } : {})}
      />
      {panel.hasExemplars && dots.data && !dots.data.length ? <p class="quiet-text metrics-said">No exemplars of these series in this window.</p> : null}
      <ServiceLinks labels={frame.series.map((one) => one.labels ?? {})} />
    </>
  );
}

function TooMany({ total, most, onAll }: { total: number; most: number; onAll: () => void }) {
  return (
    <Notice kind="info">
      First {count(most)} of {count(total)} series are drawn; narrow the query or aggregate.{" "}
      {most < MOST_SERIES ? (
        <button type="button" class="link-button" onClick={onAll}>
          {total <= MOST_SERIES ? "Draw all" : `Draw ${count(MOST_SERIES)}`}
        </button>
      ) : null}
    </Notice>
  );
}

/** Only this series, or all but it: by the labels that tell it from the others. */
function narrow({ panel, onExpr }: GraphProps, keys: readonly string[], labels: Readonly<Record<string, string>>, isExcluded: boolean): void {
  const telling = (keys.length ? keys : Object.keys(labels)).filter((key) => key !== "__name__" && labels[key]);
  if (!telling.length) toast("This series has no labels to filter by", "failed");
  else if (isExcluded && telling.length > 1) toast("These series differ in several labels; the table excludes one of them", "failed");
  else onExpr(telling.reduce((expr, key) => withMatcher(expr, key, labels[key] ?? "", isExcluded), panel.expr));
}

function bucketUnit(expr: string): string {
  return /_seconds(_bucket)?\b/.test(expr) ? "s" : /_bytes(_bucket)?\b/.test(expr) ? "bytes" : "";
}
