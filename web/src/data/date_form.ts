// Times by a pattern of the tokens that Moment.js and Grafana use: YYYY-MM-DD HH:mm:ss.

type Zone = "local" | "utc";

export const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const TOKENS = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x/g;

/** The parts of a time in a zone. */
export function parts(ms: number, zone: Zone): { year: number; month: number; day: number; weekday: number; hour: number; minute: number; second: number; millis: number; offset: number } {
  const at = new Date(ms);
  if (zone === "utc") {
    return { year: at.getUTCFullYear(), month: at.getUTCMonth(), day: at.getUTCDate(), weekday: at.getUTCDay(), hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), millis: at.getUTCMilliseconds(), offset: 0 };
  }
  return { year: at.getFullYear(), month: at.getMonth(), day: at.getDate(), weekday: at.getDay(), hour: at.getHours(), minute: at.getMinutes(), second: at.getSeconds(), millis: at.getMilliseconds(), offset: -at.getTimezoneOffset() };
}

/** A time, in milliseconds, by a pattern; what is in brackets stays as it is. */
export function dateForm(ms: number, form: string, zone: Zone = "local"): string {
  const p = parts(ms, zone);
  const two = (n: number): string => String(n).padStart(2, "0");
  const half = p.hour % 12 || 12;
  const offset = `${p.offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(p.offset) / 60))}:${two(Math.abs(p.offset) % 60)}`;
  const values: Record<string, string> = {
    YYYY: String(p.year), YY: two(p.year % 100),
    MMMM: MONTHS[p.month] ?? "", MMM: (MONTHS[p.month] ?? "").slice(0, 3), MM: two(p.month + 1), M: String(p.month + 1),
    DD: two(p.day), D: String(p.day), dddd: DAYS[p.weekday] ?? "", ddd: (DAYS[p.weekday] ?? "").slice(0, 3),
    HH: two(p.hour), H: String(p.hour), hh: two(half), h: String(half), mm: two(p.minute), m: String(p.minute),
    ss: two(p.second), s: String(p.second), SSS: String(p.millis).padStart(3, "0"),
    A: p.hour < 12 ? "AM" : "PM", a: p.hour < 12 ? "am" : "pm", Z: offset, ZZ: offset.replace(":", ""), X: String(Math.floor(ms / 1000)), x: String(ms),
  };
  return form.replace(TOKENS, (token, literal?: string) => literal ?? values[token] ?? token);
}
