// The pattern of one line: what varies from line to line replaced by `<_>`, for LogQL's filter `|>`.

/** Identifiers, addresses, times and numbers, the longest forms first. */
const VARYING = /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\d+(?:\.\d+){3}(?::\d+)?|\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{12,}\b|[\w-]*\d[\w.-]*/g;

/** The pattern, without two wildcards side by side, which LogQL does not allow. */
export function patternOf(line: string): string {
  return line
    .replace(/<_>/g, " ")
    .replace(VARYING, "<_>")
    .replace(/<_>(?:[.:,/-]?<_>)+/g, "<_>");
}

/** Whether a pattern says anything. */
export function isTelling(pattern: string): boolean {
  return /[A-Za-z]{3}/.test(pattern.replaceAll("<_>", "")) && pattern.includes("<_>");
}
