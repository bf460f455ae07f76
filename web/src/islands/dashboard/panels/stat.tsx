// Stat: large values, with their trend behind them.
import { useMemo } from "preact/hooks";
import { valueLinks } from "../../../dashboard/data_links";
import { noDataText } from "../../../dashboard/nothing";
import { type OneValue, valuesOf } from "../../../dashboard/values";
import { formatted } from "../../../data/units";
import { cssColor } from "../../../plot/model";
import { Sparkline } from "../../../plot/sparkline";
import type { BodyProps, Size } from "../types";
import { useInk } from "../use_ink";

interface StatOptions {
  colorMode?: string;
  graphMode?: string;
  textMode?: string;
  orientation?: string;
  justifyMode?: string;
  showPercentChange?: boolean;
}

/** Boxes in a grid that leaves them as wide and high as it can. */
export function boxes(count: number, { width, height }: Size, orientation: string): { columns: number; box: Size } {
  const isDown = orientation === "vertical" || (orientation === "auto" && height > width);
  const columns = isDown ? 1 : orientation === "horizontal" && height > 48 * count ? 1 : Math.max(1, Math.min(count, Math.floor(width / 110)));
  const wanted = orientation === "auto" && !isDown && count > 6 ? Math.max(1, Math.min(columns, Math.ceil(Math.sqrt((count * width) / Math.max(1, height) / 2)))) : columns;
  return { columns: wanted, box: { width: width / wanted - 8, height: Math.max(44, height / Math.ceil(count / wanted) - 8) } };
}

export function StatBody({ panel, data, size, zone, isStale }: BodyProps) {
  const values = useMemo(() => valuesOf(panel, data.frames, { zone }), [panel, data, zone]);
  const options = panel.options as StatOptions;
  if (!values.length) return <p class="dash-nothing">{noDataText(panel)}</p>;
  const { columns, box } = boxes(values.length, size, options.orientation ?? "auto");
  // One size for all, by the longest.
  const longest = Math.max(4, ...values.map(({ shown: { prefix, body, suffix } }) => body.length + 0.6 * (prefix.length + suffix.length)));
  const hasName = options.textMode === "name" || options.textMode === "value_and_name" || ((options.textMode ?? "auto") === "auto" && values.length > 1);
  const isTall = box.height > 56 && options.graphMode === "area";
  const font = Math.max(15, Math.min(44, (box.height * (isTall ? 0.68 : 0.95) - (hasName ? 20 : 4)) * 0.66, (box.width - 16) / (longest * 0.6)));
  return (
    <div class="dash-stats" data-stale={isStale || undefined} style={{ "--columns": String(columns), "--stat-size": `${font}px` }}>
      {values.map((value, i) => (
        <Stat key={`${value.name}\n${i}`} value={value} box={box} options={options} hasName={hasName} links={valueLinks(value.field, value.frame, { row: Math.max(0, value.field.values.length - 1), text: value.shown.text, values: data.values, search: location.search })} />
      ))}
    </div>
  );
}

function Stat({ value, box, options, hasName, links }: { value: OneValue; box: Size; options: StatOptions; hasName: boolean; links: ReturnType<typeof valueLinks> }) {
  const { shown, name, trend, change } = value;
  const mode = options.colorMode ?? "value";
  const isFilled = mode.startsWith("background");
  const ink = useInk(isFilled ? shown.color : "");
  const hasTrend = options.graphMode === "area" && trend.filter((one) => one !== null).length > 1 && box.height > 56;
  const textMode = options.textMode ?? "auto";
  const [link] = links;
  const text = (
    <>
      {shown.prefix ? <small>{shown.prefix}</small> : null}
      {shown.body}
      {shown.suffix ? <small>{shown.suffix}</small> : null}
    </>
  );
  return (
    <div class="dash-stat" data-mode={isFilled ? "background" : mode} data-justify={options.justifyMode} data-trend={hasTrend || undefined} style={{ "--stat": cssColor(shown.color), "--trend": `${Math.round(box.height * 0.3)}px`, ...(isFilled ? { "--ink": ink } : {}) }}>
      {hasTrend ? <Sparkline values={trend} width={Math.max(40, Math.round(box.width))} height={Math.round(box.height * 0.34)} color={isFilled ? "currentColor" : shown.color} title="" /> : null}
      {hasName ? <span class="dash-stat-name">{name}</span> : null}
      {textMode === "name" || textMode === "none" ? null : <span class="dash-stat-value">{link ? <a href={link.href} title={link.title}>{text}</a> : text}</span>}
      {options.showPercentChange && change !== null ? <span class="dash-stat-change">{`${change >= 0 ? "▲" : "▼"} ${formatted(Math.abs(change), "percentunit", 1)}`}</span> : null}
    </div>
  );
}
