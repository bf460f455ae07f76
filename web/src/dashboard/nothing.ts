// What a panel without data says.
import type { Panel } from "./types";

export function noDataText(panel: Panel): string {
  return panel.fieldConfig.defaults.noValue || "No data in this window";
}
