/**
 * The map of a pair as bytes (docs/fields.md).
 * @module
 */
export { decodeField, encodeField, FIELD_FORMAT_VERSION, FIELD_MEDIA_TYPE } from './encoding.ts';
