/** Attribute matching of QIDO-RS (PS3.18 8.3.4.1, PS3.4 C.2.2.2). */

const DATE_VRS = new Set(['DA', 'TM', 'DT']);
const NUMBER_VRS = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'UL', 'US']);

/** True when one of the values of an attribute matches the key. An empty key or `*` matches everything. */
export function matches(vr: string, values: readonly unknown[], key: string): boolean {
  if (key === '' || key === '*' || key === '""') return true;
  const texts = values.flatMap(textsOf);
  if (vr === 'UI') return splitList(key).some((uid) => texts.includes(uid));
  if (DATE_VRS.has(vr)) return texts.some((text) => matchesDate(vr, text, key));
  if (NUMBER_VRS.has(vr)) return texts.some((text) => Number(text) === Number(key));
  // A list is only defined for UIDs, but viewers send ModalitiesInStudy=CT,MR; a name with a comma is tried unchanged first.
  const keys = vr === 'CS' ? [key, ...splitList(key)] : [key];
  return keys.some((wanted) =>
    texts.some((text) => matchesWildcard(text.toLowerCase(), wanted.toLowerCase())),
  );
}

/** A list of UIDs: `,` in DICOMweb, `\` in older clients. */
export function splitList(key: string): readonly string[] {
  return key
    .split(/[,\\]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value.trim()];
  if (typeof value === 'number') return [String(value)];
  // The groups of a person name: alphabetic, ideographic, phonetic.
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Single value, `from-to`, `from-` and `-to`; both ends belong to the range. */
function matchesDate(vr: string, text: string, key: string): boolean {
  const value = comparable(vr, text);
  if (vr === 'DT' ? !/^-|-$|.-\d{8,}/.test(key) : !key.includes('-'))
    return value.startsWith(comparable(vr, key));
  const dash = vr === 'DT' ? key.search(/-(?=\d{8,}|$)/) : key.indexOf('-');
  const from = comparable(vr, key.slice(0, dash));
  const to = comparable(vr, key.slice(dash + 1));
  // "until 10" includes 10:59: compare as many digits as the end of the range has.
  return value >= from && (to === '' || value.slice(0, to.length) <= to);
}

/** Digits only: old data sets write 2020.01.31 and 10:55:39. */
function comparable(vr: string, text: string): string {
  const trimmed = text.trim();
  return vr === 'DA' ? trimmed.replace(/[.]/g, '') : trimmed.replace(/:/g, '');
}

/**
 * `*` for any number of characters, `?` for one (PS3.4 C.2.2.2.4). Goes back to the last star only, so that no key can
 * make it exponential as a regular expression could be made.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const symbol = pattern[wanted];
    if (symbol === '*') {
      star = wanted;
      resume = at;
      wanted += 1;
    } else if (symbol === '?' || symbol === text[at]) {
      at += 1;
      wanted += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      wanted = star + 1;
    } else return false;
  }
  while (pattern[wanted] === '*') wanted += 1;
  return wanted === pattern.length;
}
