// Filters added to a LogQL query by a click: a matcher in the selector for a stream's label, a stage
// at the end for everything else.
import { DETECTED, type Level, LEVELS, NUMBERS } from "./log_level";
import { literal } from "./log_words";
import { type LabelMatcher, masked, matchersOf, type Pipeline, pipelineOf, spliced } from "./logql_text";

export interface FieldFilter {
  name: string;
  value: string;
  /** Whether it is a label of streams, structured metadata, or found in the line. */
  origin: "label" | "metadata" | "parsed";
  /** What finds it in the line when the query does not yet: `json` or `logfmt`. */
  parser?: string | undefined;
}

/** The query with only, or without, what has a value. */
export function withField(text: string, field: FieldFilter, isExcluded: boolean): string {
  const pipeline = pipelineOf(text);
  if (!pipeline) return text;
  if (field.origin === "label") return withMatcher(text, pipeline, field, isExcluded);
  const parsed = field.origin === "parsed" && field.parser ? withParser(text, field.parser) : text;
  return withCondition(parsed, field, isExcluded);
}

function withMatcher(text: string, pipeline: Pipeline, { name, value }: FieldFilter, isExcluded: boolean): string {
  const written = literal(value);
  const own = (one: LabelMatcher): boolean => one.name === name;
  const contradicts = (one: LabelMatcher): boolean => own(one) && (!isExcluded || (one.op === "=" && one.literal === written));
  const kept = matchersOf(text, pipeline).filter((one) => !contradicts(one));
  const all = kept.map((one) => text.slice(one.start, one.end));
  const added = `${name}${isExcluded ? "!=" : "="}${written}`;
  if (!all.includes(added)) all.push(added);
  // Loki wants one matcher that the empty string does not satisfy.
  if (isExcluded && !kept.some((one) => one.op === "=" || one.op === "=~")) all.unshift(`${name}=~".+"`);
  return spliced(text, { start: pipeline.start, end: pipeline.selectorEnd }, `{${all.join(", ")}}`);
}

/** The query with a parser, unless it has that one. */
function withParser(text: string, parser: string): string {
  const pipeline = pipelineOf(text);
  const has = pipeline?.stages.some((stage) => new RegExp(`^\\|\\s*${parser}(?=\\s*$|\\s+--|\\s*[!|])`).test(stage.text));
  return has ? text : appended(text, `| ${parser}`);
}

function withCondition(text: string, { name, value }: FieldFilter, isExcluded: boolean): string {
  const added = `| ${name}${isExcluded ? "!=" : "="}${literal(value)}`;
  const opposite = `| ${name}${isExcluded ? "=" : "!="}${literal(value)}`;
  const simple = new RegExp(`^\\|\\s*${name}\\s*=\\s*"[^"]*"$`);
  const stages = pipelineOf(text)?.stages ?? [];
  if (stages.some((stage) => same(stage.text, added))) return text;
  const replaced = stages.find((stage) => same(stage.text, opposite) || (!isExcluded && simple.test(masked(stage.text))));
  return replaced ? spliced(text, replaced, added) : appended(text, added);
}

/** A stage at the end of the pipeline; before `unwrap`, which takes no filters of lines behind it. */
function appended(text: string, stage: string): string {
  const pipeline = pipelineOf(text);
  if (!pipeline) return text;
  const unwrap = pipeline.stages.find((one) => /^\|\s*unwrap\b/.test(one.text));
  if (unwrap) return spliced(text, { start: unwrap.start, end: unwrap.start }, `${stage} `);
  return spliced(text, { start: pipeline.end, end: pipeline.end }, ` ${stage}`);
}

/** The query with a filter of lines, behind those that it has. */
export function withLineFilter(text: string, filter: string): string {
  const pipeline = pipelineOf(text);
  if (!pipeline || pipeline.stages.some((stage) => same(stage.text, filter))) return text;
  const first = pipeline.stages.findIndex((stage) => /^\|(?![=~>])/.test(stage.text));
  const last = pipeline.stages.slice(0, first < 0 ? undefined : first).at(-1)?.end ?? pipeline.selectorEnd;
  return spliced(text, { start: last, end: last }, ` ${filter}`);
}

/** Lines that look like a pattern, or all others. */
export function withPattern(text: string, pattern: string, isExcluded: boolean): string {
  return withLineFilter(text, `${isExcluded ? "!>" : "|>"} ${literal(pattern)}`);
}

const LEVEL_PARSER = '| json level="level"';

/** Only, or without, a level; chosen again it is let go. `hasNumbers`: lines say 30 for info. */
export function withLevel(text: string, level: Level, isExcluded: boolean, hasNumbers: boolean): string {
  const known = levelFilter(text);
  let rest = text;
  for (const stage of [...(pipelineOf(text)?.stages ?? [])].reverse()) {
    if (isLevelStage(stage.text) || same(stage.text, LEVEL_PARSER)) rest = spliced(rest, { start: stage.start, end: stage.end }, "").replace(/[ \t]{2,}/g, " ");
  }
  rest = rest.trim();
  if (known && known.level === level && known.isExcluded === isExcluded) return rest;
  const isParsed = pipelineOf(rest)?.stages.some((stage) => /^\|\s*json\s*$/.test(stage.text));
  if (hasNumbers && !isParsed) rest = appended(rest, LEVEL_PARSER);
  return appended(rest, levelStage(level, isExcluded, hasNumbers));
}

/** The level that a query asks for. */
export function levelFilter(text: string): { level: Level; isExcluded: boolean } | null {
  const stage = pipelineOf(text)?.stages.find((one) => isLevelStage(one.text))?.text;
  if (!stage) return null;
  for (const level of LEVELS)
    for (const isExcluded of [false, true])
      for (const hasNumbers of [false, true]) if (same(stage, levelStage(level, isExcluded, hasNumbers))) return { level, isExcluded };
  return null;
}

function isLevelStage(stage: string): boolean {
  return /^\|\s*detected_level\s*(=|!)/.test(stage);
}

function levelStage(level: Level, isExcluded: boolean, hasNumbers: boolean): string {
  const names = DETECTED[level];
  const value = literal(names.join("|"));
  const detected = `detected_level${isExcluded ? "!" : ""}${names.length > 1 ? (isExcluded ? "~" : "=~") : "="}${value}`;
  if (!hasNumbers) return `| ${detected}`;
  if (level === "unknown") return isExcluded ? `| ${detected} or level=~"[1-6]0"` : `| ${detected} and level!~"[1-6]0"`;
  return `| ${detected} ${isExcluded ? "and" : "or"} level${isExcluded ? "!" : ""}="${NUMBERS[level]}"`;
}

/** Whether two stages say the same, spaces aside. */
function same(a: string, b: string): boolean {
  const plain = (text: string): string => text.replace(/\s+/g, " ").replace(/^(\|[=~>]?|![=~>]) ?/, "$1").replace(/ ?(=~|!~|!=|=) ?/g, "$1");
  return plain(a) === plain(b);
}
