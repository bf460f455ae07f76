// Texts made safe for what they are put into.

/** Text that a regular expression matches as it is. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}/]/g, "\\$&");
}

/** For a regular expression within quotes: each backslash is one for the quotes, too. */
export function quotedRegex(text: string): string {
  return text.replaceAll("\\", "\\\\\\\\").replace(/[$^*{}[\]'+?.()|]/g, "\\\\$&");
}
