/**
 * The one rule for UIDs (PS3.5 9.1): tolerant for those that exist, strict for those that we make.
 * @module
 */

/** PS3.5 9.1: at most 64 characters. */
export const MAX_UID_CHARACTERS = 64;
/**
 * Digits and dots, wider than PS3.5 9.1: real archives hold components with leading zeros. Nothing that could break out of its place in a
 * URL or a path: no slash, no `..`.
 */
export const EXISTING_UID = /^\d+(\.\d+)*$/;
/** Components without leading zeros, separated by dots (PS3.5 9.1). */
const WELL_FORMED_UID = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/;

/** True for a UID that an archive may hold: of a study, series, instance or frame of reference that exists. */
export function isUid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_UID_CHARACTERS && EXISTING_UID.test(value);
}

/** True for a UID as the standard wants it: what Samepoint gives to objects of its own. */
export function isWellFormedUid(value: unknown): value is string {
  return isUid(value) && WELL_FORMED_UID.test(value);
}
