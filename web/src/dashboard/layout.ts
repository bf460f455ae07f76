// Where panels stand: rows in their order, panels and rows repeated for the values of a variable.
import type { Value } from "./interpolate";
import type { Panel, Row } from "./types";

/** A panel at its place. */
export interface Placed {
  key: string;
  panel: Panel;
  /** Of 24 columns, from 0; rows of 30 px from the section's top, from 0. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** What the repeated variables stand for here. */
  scoped: Map<string, Value>;
}

/** A row with its panels. */
export interface Section {
  key: string;
  title: string;
  hasHeader: boolean;
  collapsed: boolean;
  panels: Placed[];
  scoped: Map<string, Value>;
}

export type Choices = (variable: string) => readonly { value: string; text: string }[];

const COLUMNS = 24;
/** More copies than these help nobody. */
const MOST_COPIES = 60;

const only = ({ value, text }: { value: string; text: string }): Value => ({ values: [value], texts: [text] });

export function sectionsOf(rows: readonly Row[], choices: Choices): Section[] {
  return rows.flatMap((row, at) => {
    const values = row.repeat ? choices(row.repeat.variable).slice(0, MOST_COPIES) : [];
    if (!row.repeat || !values.length) return [sectionOf(row, `row${at}`, new Map(), choices)];
    const { variable } = row.repeat;
    return values.map((choice) => sectionOf(row, `row${at}:${choice.value}`, new Map([[variable, only(choice)]]), choices));
  });
}

function sectionOf(row: Row, key: string, scoped: Map<string, Value>, choices: Choices): Section {
  return { key, title: row.title, hasHeader: row.hasHeader, collapsed: row.collapsed, scoped, panels: placed(row.panels, key, scoped, choices) };
}

/** Panels by their places; a repeated one makes room for its copies by moving down what is below it. */
function placed(panels: readonly Panel[], key: string, scoped: Map<string, Value>, choices: Choices): Placed[] {
  const sorted = [...panels].sort((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const found: Placed[] = [];
  /** Below `from`, everything is `by` further down. */
  const pushed: { from: number; by: number }[] = [];
  for (const panel of sorted) {
    const { grid, repeat } = panel;
    const y = grid.y + pushed.filter(({ from }) => grid.y >= from).reduce((sum, { by }) => sum + by, 0);
    const values = repeat && !scoped.has(repeat.variable) ? choices(repeat.variable).slice(0, MOST_COPIES) : [];
    if (!repeat || !values.length) {
      found.push({ key: `${key}/${panel.id}`, panel, x: grid.x, y, width: grid.width, height: grid.height, scoped });
      continue;
    }
    const across = repeat.direction === "v" ? 1 : Math.max(1, Math.min(values.length, repeat.maxPerRow || 4));
    const width = repeat.direction === "v" ? grid.width : Math.floor(COLUMNS / across);
    values.forEach((choice, i) => {
      const inner = new Map([...scoped, [repeat.variable, only(choice)]]);
      found.push({ key: `${key}/${panel.id}:${choice.value}`, panel, x: repeat.direction === "v" ? grid.x : (i % across) * width, y: y + Math.floor(i / across) * grid.height, width, height: grid.height, scoped: inner });
    });
    const lines = Math.ceil(values.length / across);
    if (lines > 1) pushed.push({ from: grid.y + grid.height, by: (lines - 1) * grid.height });
  }
  return found;
}
