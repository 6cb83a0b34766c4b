/**
 * Values of images as a new document may hold them. Images are older than today's rules, or were written by devices that do not
 * follow them (PS3.5 6.2); a copy must, or the whole document is invalid. What means the same is converted, text is cut, and what would
 * mean something else when it is cut is left empty.
 * @module
 */
import { withoutPadding, withoutTrailing } from '../dicom/index.ts';

/** Longest value of a VR, characters (PS3.5 6.2); of a person name, each group. */
const MAX_CHARACTERS = { SH: 16, LO: 64, PN: 64 } as const;
/** Components of a person name (PS3.5 6.2.1.1). */
const MAX_NAME_PARTS = 5;
/** East of UTC, hours (PS3.5 6.2, DT). */
const MAX_OFFSET_HOURS = 14;

/** Patient's Sex (PS3.3 C.7.1.1) as devices write it beside the enumerated values. */
const SEXES: Readonly<Record<string, string>> = {
  M: 'M',
  F: 'F',
  O: 'O',
  MALE: 'M',
  FEMALE: 'F',
  OTHER: 'O',
};

/** Text of one line without what no VR of text allows: control characters, backslashes, halves of characters (PS3.5 6.1). */
function lineOf(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return '';
  return withoutPadding(text)
    .replace(/\p{Cc}+/gu, ' ')
    .replaceAll('\\', '/')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .trim();
}

/** The beginning of a text that is too long: as many bytes of UTF-8, because some validators count those. No character is cut in two. */
function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const bytes = Buffer.from(text, 'utf8').subarray(0, characters);
  return withoutTrailing(bytes.toString('utf8'), '\uFFFD').trim();
}

/** Text that may be cut: a description, a name. */
export function textValue(value: unknown): string | undefined {
  return cut(lineOf(value), MAX_CHARACTERS.LO) || undefined;
}

/** Text that names something, in a VR of short strings: a part of it would name something else. */
export function shortNumber(value: unknown): string | undefined {
  const text = lineOf(value);
  return text === '' || text.length > MAX_CHARACTERS.SH ? undefined : text;
}

/** An identifier, unchanged; `false` where no document can hold it. */
export function identifierValue(value: unknown): string | false | undefined {
  const text = lineOf(value);
  if (text === '') return undefined;
  const isSame =
    typeof value === 'number' || (typeof value === 'string' && withoutPadding(value).trim() === text);
  return isSame && text.length <= MAX_CHARACTERS.LO ? text : false;
}

/** DA. Dots and hyphens between year, month and day are of older standards (PS3.5 6.2) and of other programs. */
export function dateValue(value: unknown): string | undefined {
  const [, year = '', month = '', day = ''] =
    /^(\d{4})([.\-/]?)(\d\d)\2(\d\d)$/u.exec(lineOf(value))?.toSpliced(2, 1) ?? [];
  const moment = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isDate = !Number.isNaN(moment.getTime()) && moment.getUTCDate() === Number(day);
  return isDate ? `${year}${month}${day}` : undefined;
}

/** TM. Colons are of older standards (PS3.5 6.2). */
export function timeValue(value: unknown): string | undefined {
  const found = /^(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,12}))?)?)?$/u.exec(lineOf(value));
  if (found === null) return undefined;
  const [, hour = '', minute = '', second = '', fraction = ''] = found;
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  return isTime ? `${hour}${minute}${second}${fraction === '' ? '' : `.${fraction.slice(0, 6)}`}` : undefined;
}

/** Timezone Offset From UTC, `&ZZXX`. */
export function offsetValue(value: unknown): string | undefined {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/u.exec(lineOf(value)) ?? [];
  if (sign === undefined || hours === undefined) return undefined;
  const isZone = Number(hours) <= MAX_OFFSET_HOURS && Number(minutes) < 60;
  // Minus zero is not allowed (PS3.5 6.2, DT).
  if (!isZone) return undefined;
  return Number(hours) + Number(minutes) === 0 ? '+0000' : `${sign}${hours}${minutes}`;
}

/** Patient's Sex. */
export function sexValue(value: unknown): string | undefined {
  return SEXES[lineOf(value).toUpperCase()];
}

/** YES or NO. */
export function yesOrNo(value: unknown): string | undefined {
  const text = lineOf(value).toUpperCase();
  return text === 'YES' || text === 'NO' ? text : undefined;
}

/** A person name, each group of at most 64 characters and five components. */
export function personName(value: unknown): Readonly<Record<string, string>> | undefined {
  const groups = Object.entries(groupsOf(value)).flatMap(([group, text]) => {
    const name = nameGroup(text);
    return name === '' ? [] : [[group, name] as const];
  });
  return groups.length === 0 ? undefined : Object.fromEntries(groups);
}

const GROUPS = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

/** The groups of a name: of the DICOM JSON model, or in one text as in a file. */
function groupsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string')
    return Object.fromEntries(
      value
        .split('=')
        .slice(0, GROUPS.length)
        .map((text, index) => [GROUPS[index] ?? '', text]),
    );
  if (typeof value !== 'object' || value === null) return {};
  const groups: Readonly<Record<string, unknown>> = { ...value };
  return Object.fromEntries(GROUPS.map((group) => [group, groups[group]]));
}

function nameGroup(text: unknown): string {
  const parts = lineOf(text).replaceAll('=', ' ').split('^');
  const named = [...parts.slice(0, MAX_NAME_PARTS - 1), parts.slice(MAX_NAME_PARTS - 1).join(' ')];
  const name = named.map((part) => part.trim()).join('^');
  return withoutTrailing(cut(name, MAX_CHARACTERS.PN), '^').trim();
}
