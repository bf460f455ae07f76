// `calculateField`: a column made of others.
import { type DataFrame, type Field, field, numberFields, rowsOf } from "../frames";
import { interpolate, type Values } from "../interpolate";
import { matches, nameOf } from "../matcher";
import { calcName, numberOf, reduce } from "../reduce";
import type { Matcher } from "../types";
import type { Transform } from "./apply";
import { joinByField } from "./join";

interface Options {
  mode?: string;
  alias?: string;
  replaceFields?: boolean;
  reduce?: { reducer?: string; include?: string[] };
  binary?: { left?: unknown; operator?: string; right?: unknown; reducer?: string };
  unary?: { operator?: string; fieldName?: string };
  cumulative?: { reducer?: string; field?: string };
  window?: { reducer?: string; field?: string; windowSize?: number; windowAlignment?: string; windowSizeMode?: string };
}

type Columns = (number | null)[];

export const calculateField: Transform = (frames, options, values) => {
  const given = options as Options;
  // Series of several frames are put side by side first.
  const whole = frames.length > 1 && frames.every(({ kind }) => kind === "series") ? joinByField(frames, {}, values) : frames;
  return whole.map((frame) => {
    const made = calculated(frame, given, values);
    if (!made.length) return frame;
    const times = frame.fields.filter(({ type }) => type === "time");
    return { ...frame, fields: given.replaceFields ? [...times, ...made] : [...frame.fields, ...made] };
  });
};

function calculated(frame: DataFrame, options: Options, values: Values): Field[] {
  const alias = options.alias ? interpolate(options.alias, values) : "";
  const named = (usual: string, column: Columns): Field[] => [field(alias || usual, "number", column, {}, alias || usual)];
  const count = rowsOf(frame);
  const numbers = numberFields(frame);
  const byName = (name: unknown): Field | undefined => frame.fields.find((one) => nameOf(one) === name || one.name === name);
  switch (options.mode ?? "reduceRow") {
    case "index":
      return named("Row", Array.from({ length: count }, (_, row) => row));
    case "binary": {
      const { left, operator = "+", right } = options.binary ?? {};
      const sides = operands(frame, left, right, values);
      return sides.flatMap(({ name, a, b }) => named(`${name}`.trim() || `${String(left)} ${operator} ${String(right)}`, Array.from({ length: count }, (_, row) => arithmetic(a(row), operator, b(row)))));
    }
    case "unary": {
      const { operator = "abs", fieldName } = options.unary ?? {};
      const one = byName(fieldName);
      return one ? named(`${operator}(${fieldName ?? ""})`, one.values.map((value) => unary(numberOf(value), operator))) : [];
    }
    case "cumulativeFunctions": {
      const { reducer = "sum", field: name } = options.cumulative ?? {};
      const one = byName(name);
      return one ? named(`cumulative ${reducer}(${name ?? ""})`, cumulative(one.values, reducer)) : [];
    }
    case "windowFunctions": {
      const one = byName(options.window?.field);
      return one ? named(`moving ${options.window?.reducer ?? "mean"}(${nameOf(one)})`, moving(one.values, options.window ?? {})) : [];
    }
    default: {
      const { reducer = "sum", include = [] } = options.reduce ?? {};
      const chosen = include.length ? numbers.filter((one) => include.includes(nameOf(one)) || include.includes(one.name)) : numbers;
      if (!chosen.length) return [];
      return named(calcName(reducer), Array.from({ length: count }, (_, row) => numberOf(reduce(chosen.map(({ values: column }) => column[row]), reducer))));
    }
  }
}

interface Operands {
  name: string;
  a: (row: number) => number | null;
  b: (row: number) => number | null;
}

/** Both sides as functions of the row; a side that matches several fields gives several. */
function operands(frame: DataFrame, left: unknown, right: unknown, values: Values): Operands[] {
  const side = (given: unknown): ((row: number) => number | null) => {
    const written = given && typeof given === "object" ? (given as { matcher?: Matcher; fixed?: string }) : {};
    const { matcher } = written;
    if (matcher) return columnOf(frame.fields.find((one) => matches(matcher)(one, frame)));
    const plain = written.fixed ?? given;
    const one = frame.fields.find((other) => nameOf(other) === plain || other.name === plain);
    if (one) return columnOf(one);
    const number = numberOf(interpolate(String(plain ?? ""), values));
    return () => number;
  };
  return [{ name: "", a: side(left), b: side(right) }];
}

const columnOf = (one: Field | undefined) => (row: number) => numberOf(one?.values[row]);

export function arithmetic(a: number | null, operator: string, b: number | null): number | null {
  if (a === null || b === null) return null;
  const results: Record<string, number> = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "%": a % b, "**": a ** b };
  return results[operator] ?? null;
}

function unary(value: number | null, operator: string): number | null {
  if (value === null) return null;
  const results: Record<string, number> = { abs: Math.abs(value), exp: Math.exp(value), ln: Math.log(value), floor: Math.floor(value), ceil: Math.ceil(value), round: Math.round(value), sqrt: Math.sqrt(value) };
  return results[operator] ?? null;
}

function cumulative(values: readonly unknown[], reducer: string): Columns {
  let sum = 0;
  let count = 0;
  return values.map((value) => {
    const number = numberOf(value);
    if (number !== null) {
      sum += number;
      count += 1;
    }
    return reducer === "mean" ? (count ? sum / count : null) : sum;
  });
}

function moving(values: readonly unknown[], { reducer = "mean", windowSize = 0.1, windowAlignment = "trailing", windowSizeMode = "percentage" }: NonNullable<Options["window"]>): Columns {
  const size = Math.max(1, Math.round(windowSizeMode === "percentage" ? windowSize * values.length : windowSize));
  const before = windowAlignment === "centered" ? Math.floor(size / 2) : size - 1;
  return values.map((_, row) => numberOf(reduce(values.slice(Math.max(0, row - before), row - before + size), reducer)));
}
