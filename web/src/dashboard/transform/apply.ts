// Transformations of a panel's answers, in their order, as Grafana documents them. Pure: frames in, frames out.
import type { DataFrame } from "../frames";
import type { Values } from "../interpolate";
import { matches } from "../matcher";
import type { Transformation } from "../types";
import { calculateField } from "./calculate";
import { convertFieldType, filterByRefId, filterFieldsByName, labelsToFields, organize, renameByRegex } from "./fields";
import { concatenate, joinByField, merge, seriesToRows } from "./join";
import { filterByValue, groupBy, limit, reduceFrames, sortBy } from "./rows";
import { extractFields, histogram, timeSeriesTable } from "./tables";

export type Transform = (frames: DataFrame[], options: Record<string, unknown>, values: Values) => DataFrame[];

const ALL: Record<string, Transform> = {
  calculateField, concatenate, convertFieldType, extractFields, filterByRefId, filterByValue, filterFieldsByName, groupBy, histogram, joinByField,
  labelsToFields, limit, merge, organize, reduce: reduceFrames, renameByRegex, seriesToRows, sortBy, timeSeriesTable,
};

/** The frames after all transformations that can be done. */
export function transformed(frames: readonly DataFrame[], steps: readonly Transformation[], values: Values): DataFrame[] {
  return steps.reduce<DataFrame[]>((now, { id, options, disabled, filter, reason }) => {
    const transform = ALL[id];
    if (disabled || reason || !transform) return now;
    if (!filter) return transform(now, options, values);
    const test = matches(filter);
    const isMeant = (frame: DataFrame): boolean => frame.fields.some((field) => test(field, frame));
    return [...transform(now.filter(isMeant), options, values), ...now.filter((frame) => !isMeant(frame))];
  }, [...frames]);
}
