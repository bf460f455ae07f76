// What every kind of panel is given.
import type { PanelData } from "../../dashboard/run";
import type { Panel } from "../../dashboard/types";
import type { Mark } from "../../plot/model";
import type { Zone } from "../../data/time_range";

export interface Size {
  width: number;
  height: number;
}

export interface BodyProps {
  panel: Panel;
  data: PanelData;
  title: string;
  /** Of the panel's inside, in pixels. */
  size: Size;
  zone: Zone;
  marks: readonly Mark[];
  isStale: boolean;
  /** Charts of one key share their crosshair. */
  sync: string;
}
