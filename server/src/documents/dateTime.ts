/** Minutes in an hour, milliseconds in a minute. */
const MINUTES = 60;
const MILLISECONDS = 60_000;

/** A moment as DICOM writes it. */
export interface DicomDateTime {
  /** DA, YYYYMMDD. */
  readonly date: string;
  /** TM, HHMMSS.FFF. */
  readonly time: string;
  /** DT with its offset from UTC: the moment itself. */
  readonly dateTime: string;
}

/**
 * A moment in the time zone of the other dates of the data set: Timezone Offset From UTC (0008,0201), e.g. "+0100", holds
 * for all of them. Without one, the local time of this machine, as the standard expects.
 */
export function dicomDateTime(moment: Date, timezoneOffset: string | undefined): DicomDateTime {
  const offset = offsetMinutes(timezoneOffset) ?? -moment.getTimezoneOffset();
  const text = new Date(moment.getTime() + offset * MILLISECONDS).toISOString();
  const date = text.slice(0, 10).replaceAll('-', '');
  const time = text.slice(11, 23).replaceAll(':', '');
  return { date, time, dateTime: `${date}${time}000${offsetText(offset)}` };
}

/**
 * The moment, or a later one that is not before a date and time of the data set, `YYYY-MM-DDThh:mm:ss`: clocks differ, and local time
 * goes back by an hour in autumn.
 */
export function notBefore(moment: Date, local: string, timezoneOffset: string | undefined): Date {
  const offset = offsetMinutes(timezoneOffset) ?? -moment.getTimezoneOffset();
  const other = Date.parse(`${local}Z`) - offset * MILLISECONDS;
  return other > moment.getTime() ? new Date(other) : moment;
}

/** Minutes east of UTC of `&ZZXX` (PS3.5 6.2, DT). */
function offsetMinutes(text: string | undefined): number | undefined {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * MINUTES + Number(minutes));
}

function offsetText(offset: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const absolute = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(absolute / MINUTES)}${two(absolute % MINUTES)}`;
}

/** The moment of a DT with an offset from UTC; undefined when it has another form. */
export function parseDateTime(dateTime: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?([+-]\d{4})$/.exec(dateTime.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0', zone] = match;
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.floor(Number(`0.${fraction}`) * 1000 + 0.5),
  );
  const offset = offsetMinutes(zone);
  return offset === undefined ? undefined : new Date(local - offset * MILLISECONDS);
}
