// What completes a query. The classes are small; words and grammar come with the first question.
import type { Language } from "./lex";

/** What a suggestion is; decides its mark in the list. */
export type SuggestionKind = "metric" | "label" | "value" | "function" | "aggregation" | "keyword" | "operator" | "duration" | "stage" | "field" | "attribute" | "intrinsic";

export interface Suggestion {
  label: string;
  kind: SuggestionKind;
  /** Beside the label: a type or a signature. */
  detail?: string;
  /** What it does, in a sentence. */
  info?: string;
  /** What is written instead of the label: before and behind the caret. */
  insert?: readonly [string, string];
  /** Whether to go on suggesting behind it. */
  again?: boolean;
}

export interface Suggestions {
  /** The part of the text that a suggestion replaces. */
  from: number;
  to: number;
  /** Best first. */
  options: Suggestion[];
  /** How many more would fit. */
  more: number;
}

/** Milliseconds since the epoch. */
export interface Range {
  start: number;
  end: number;
}

export interface CompletionSource {
  /**
   * What may stand at the cursor; null when nothing is known.
   *
   * @param isAsked whether somebody asked by key: then an empty word gets suggestions too.
   */
  complete(text: string, cursor: number, isAsked: boolean, signal: AbortSignal): Promise<Suggestions | null>;
}

/** Names and values of PromQL from our own API. */
export class PromqlSource implements CompletionSource {
  constructor(readonly range: () => Range) {}

  async complete(text: string, cursor: number, isAsked: boolean, signal: AbortSignal): Promise<Suggestions | null> {
    const { completePromql } = await import("./complete/promql");
    return completePromql(text, cursor, isAsked, { range: this.range(), signal });
  }
}

/** Labels, fields and stages of LogQL from our own API. */
export class LogqlSource implements CompletionSource {
  constructor(readonly range: () => Range) {}

  async complete(text: string, cursor: number, isAsked: boolean, signal: AbortSignal): Promise<Suggestions | null> {
    const { completeLogql } = await import("./complete/logql");
    return completeLogql(text, cursor, isAsked, { range: this.range(), signal });
  }
}

/** Attributes and their values of TraceQL from our own API. */
export class TraceqlSource implements CompletionSource {
  constructor(readonly range: () => Range) {}

  async complete(text: string, cursor: number, isAsked: boolean, signal: AbortSignal): Promise<Suggestions | null> {
    const { completeTraceql } = await import("./complete/traceql");
    return completeTraceql(text, cursor, isAsked, { range: this.range(), signal });
  }
}

/** The source of a language; `range` is the page's window. */
export function sourceFor(language: Language, range: () => Range): CompletionSource {
  const Source = { promql: PromqlSource, logql: LogqlSource, traceql: TraceqlSource }[language];
  return new Source(range);
}
