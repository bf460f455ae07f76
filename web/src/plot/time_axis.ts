// Ticks of a time axis: round local or UTC times, written as short as the window allows.
import { dateForm, parts } from "../data/date_form";

type Zone = "local" | "utc";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** Steps in milliseconds; those of a day and more go by the calendar. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTH = 30.44 * DAY;

/** The step of at most `most` ticks: milliseconds, or months when it is longer than ten days. */
export function timeStep(length: number, most: number): { ms: number; months: number } {
  const least = length / Math.max(1, most);
  const ms = STEPS.find((step) => step >= least);
  if (ms !== undefined) return { ms, months: 0 };
  const months = MONTH_STEPS.find((count) => count * MONTH >= least) ?? 1200;
  return { ms: months * MONTH, months };
}

/** Times, in milliseconds, of at most about `most` ticks between two times. */
export function timeTicks(start: number, end: number, most: number, zone: Zone): number[] {
  if (!(end > start)) return [];
  const { ms, months } = timeStep(end - start, most);
  const found: number[] = [];
  const add = (at: number): boolean => {
    if (at >= start && at <= end) found.push(at);
    return at <= end && found.length < 200;
  };
  if (months) {
    const first = parts(start, zone);
    const from = Math.floor((first.year * 12 + first.month) / months) * months;
    for (let i = from; add(at({ year: 0, month: i, day: 1 }, zone)); i += months);
  } else if (ms >= DAY) {
    // By days of the month, so that ticks stay where they are while the window moves on.
    const days = ms / DAY;
    const first = parts(start, zone);
    for (let month = first.year * 12 + first.month, isGoing = true; isGoing; month += 1) {
      for (let day = 1; isGoing && day <= 31 - (days > 2 ? days / 2 : 0); day += days) {
        const tick = at({ year: 0, month, day }, zone);
        if (parts(tick, zone).month !== month % 12) break;
        isGoing = add(tick);
      }
    }
  } else {
    // From midnight to midnight of the zone; hours by its clock, so that they stay round when clocks change.
    for (let day = midnight(start, zone), isGoing = true; isGoing; day = midnight(day + 1.5 * DAY, zone)) {
      const next = midnight(day + 1.5 * DAY, zone);
      const { year, month, day: date } = parts(day, zone);
      for (let i = Math.max(0, Math.ceil((start - HOUR - day) / ms)); isGoing; i += 1) {
        const tick = ms >= HOUR ? at({ year, month, day: date, hour: (i * ms) / HOUR }, zone) : day + i * ms;
        if (tick >= next) break;
        isGoing = add(tick);
      }
    }
  }
  return found;
}

/** What is written below ticks: the date where a day begins, else the time of day. */
export function timeLabels(ticks: readonly number[], zone: Zone): string[] {
  const step = ticks.length > 1 ? Math.min(...ticks.slice(1).map((tick, i) => tick - (ticks[i] ?? 0))) : HOUR;
  return ticks.map((tick) => {
    const { month, day, hour, minute, second, millis } = parts(tick, zone);
    const isMidnight = !hour && !minute && !second && !millis;
    if (step >= 300 * DAY || (step >= 27 * DAY && month === 0 && day === 1)) return dateForm(tick, "YYYY", zone);
    if (step >= 27 * DAY) return dateForm(tick, "MMM", zone);
    if (isMidnight) return dateForm(tick, "MMM D", zone);
    if (step >= MINUTE) return dateForm(tick, "HH:mm", zone);
    return dateForm(tick, step >= SECOND ? "HH:mm:ss" : "ss.SSS", zone);
  });
}

/** A time in full, as precise as a step of data asks for. */
export function timeText(ms: number, step: number, zone: Zone): string {
  const form = step < SECOND ? "YYYY-MM-DD HH:mm:ss.SSS" : step >= DAY ? "ddd YYYY-MM-DD" : "YYYY-MM-DD HH:mm:ss";
  return dateForm(ms, form, zone) + (zone === "utc" ? " UTC" : "");
}

function at({ year, month, day, hour = 0 }: { year: number; month: number; day: number; hour?: number }, zone: Zone): number {
  const [y, m] = [year + Math.floor(month / 12), month % 12];
  return zone === "utc" ? Date.UTC(y, m, day, hour) : new Date(y, m, day, hour).getTime();
}

function midnight(ms: number, zone: Zone): number {
  const p = parts(ms, zone);
  return at({ year: p.year, month: p.month, day: p.day }, zone);
}
