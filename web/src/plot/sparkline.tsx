// A line as large as a word, for rows of tables. No listeners, no measuring: cheap by the hundred.
import { useMemo } from "preact/hooks";
import { cssColor } from "./model";
import { linePath, thinned } from "./path";

export interface SparklineProps {
  values: ArrayLike<number | null>;
  width?: number;
  height?: number;
  /** A CSS colour or a token. */
  color?: string;
  /** What it shows, in words; empty when the row says it already. */
  title: string;
  /** Fixed bottom; the data's own otherwise, or zero when it is near. */
  min?: number;
  max?: number;
  fill?: boolean;
}

export function Sparkline({ values, width = 120, height = 28, color = "accent", title, min, max, fill = true }: SparklineProps) {
  const { line, area } = useMemo(() => paths(values, { width, height, min, max, fill }), [values, width, height, min, max, fill]);
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} preserveAspectRatio="none" style={{ color: cssColor(color) }} {...(title ? { role: "img", "aria-label": title } : { "aria-hidden": "true" })}>
      {area ? <path class="sparkline-area" d={area} /> : null}
      <path class="sparkline-line" d={line} />
    </svg>
  );
}

function paths(values: ArrayLike<number | null>, { width, height, min, max, fill }: { width: number; height: number; min: number | undefined; max: number | undefined; fill: boolean }): { line: string; area: string } {
  const kept = thinned(values, width);
  const finite = kept.filter((value): value is number => value !== null && Number.isFinite(value));
  if (!finite.length) return { line: "", area: "" };
  const least = Math.min(...finite);
  const most = max ?? Math.max(...finite);
  const low = min ?? (least >= 0 && least < most * 0.7 ? 0 : least);
  const line = linePath(kept, { width, height, low, high: most > low ? most : low + 1 });
  // Each piece between gaps is closed down to the bottom.
  const area = fill
    ? line
        .split("M")
        .filter((piece) => piece.includes("L"))
        .map((piece) => `M${piece}V${height}H${/^[\d.]+/.exec(piece)?.[0] ?? 0}Z`)
        .join("")
    : "";
  return { line, area };
}
