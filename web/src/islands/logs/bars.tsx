// A tiny bar chart for a table's cell.
import type { Level } from "../../data/log_level";

const WIDTH = 120;
const HEIGHT = 22;

export function Bars({ values, level, title }: { values: readonly number[]; level: Level; title: string }) {
  const most = Math.max(1, ...values);
  const wide = WIDTH / values.length;
  const path = values
    .map((value, i) => {
      const height = value ? Math.max(1, (value / most) * HEIGHT) : 0;
      return height ? `M${(i * wide).toFixed(1)} ${HEIGHT}v-${height.toFixed(1)}h${Math.max(1, wide - 0.5).toFixed(1)}v${height.toFixed(1)}z` : "";
    })
    .join("");
  return (
    <svg class="log-bars" role="img" aria-label={title} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} data-level={level}>
      <path d={path} />
    </svg>
  );
}
