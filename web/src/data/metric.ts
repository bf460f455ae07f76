// What a metric's name says, after Prometheus' naming rules.

/** A suffix that says the metric only grows; `_total` alone is not proof, see `isCounter`. */
const COUNTER = /_(total|count|sum|bucket)$/;

/** Whether values look like a counter's: its name says so and falls are rare (restarts). */
export function isCounter(name: string, rows: readonly (readonly (number | null)[])[]): boolean {
  if (!COUNTER.test(name)) return false;
  let steps = 0;
  let falls = 0;
  for (const row of rows) {
    let last: number | null = null;
    for (const value of row) {
      if (value === null) continue;
      if (last !== null && value !== last) {
        steps += 1;
        if (value < last) falls += 1;
      }
      last = value;
    }
  }
  return falls <= steps * 0.05 || falls <= 1;
}

/** Unit of a metric's value, or of its rate per second: an id of data/units.ts. */
export function unitOf(name: string, isRate = false): string {
  const stem = name.replace(/_(total|sum)$/, "");
  if (/[_.]bytes$/.test(stem)) return isRate ? "binBps" : "bytes";
  if (/[_.]milliseconds$/.test(stem)) return isRate ? "suffix: ms/s" : "ms";
  if (/[_.]seconds$/.test(stem)) return isRate ? "suffix: s/s" : "s";
  if (/[_.]ratio$/.test(stem)) return isRate ? "suffix: /s" : "percentunit";
  if (/[_.]percent$/.test(stem)) return isRate ? "suffix: %/s" : "percent";
  if (/[_.]celsius$/.test(stem)) return "celsius";
  return isRate ? "/s" : "";
}
