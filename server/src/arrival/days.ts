/** A day of the calendar of this machine, as a StudyDate: YYYYMMDD (DA, PS3.5 6.2). */
export type Day = string;

const DAY = /^(\d{4})(\d{2})(\d{2})$/;

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

/** The day of a moment, ms since the epoch. */
export function dayOf(ms: number): Day {
  const date = new Date(ms);
  return digits(date.getFullYear(), 4) + digits(date.getMonth() + 1, 2) + digits(date.getDate(), 2);
}

/** So many days before; a text that is no day stays what it is. */
export function daysBefore(day: Day, days: number): Day {
  const [, year, month, date] = DAY.exec(day) ?? [];
  return year === undefined
    ? day
    : dayOf(new Date(Number(year), Number(month) - 1, Number(date) - days).getTime());
}

/** The earlier one of two. */
export function earlier(one: Day, other: Day): Day {
  return one < other ? one : other;
}
