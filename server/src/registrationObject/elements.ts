import { ATTRIBUTES } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import type { Dataset } from '../documents/index.ts';

/** Spatial Registration Storage (PS3.4 B.5). */
export const SPATIAL_REGISTRATION = '1.2.840.10008.5.1.4.1.1.66.1';
/** Deformable Spatial Registration Storage. */
export const DEFORMABLE_REGISTRATION = '1.2.840.10008.5.1.4.1.1.66.3';

/** The private block in which the object of a field carries its bytes (PS3.5 7.8.1): creator, then the bytes. */
export const PRIVATE_CREATOR_TAG = '00650010';
export const PRIVATE_CREATOR = 'SAMEPOINT FIELD';
export const PRIVATE_BYTES_TAG = '00651001';

/** A data set from keywords; every value is an array, empty for an attribute of type 2 without a value. */
export function elements(values: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): Dataset {
  const result: Dataset = {};
  for (const [keyword, value] of Object.entries(values)) {
    const [tag, vr] = ATTRIBUTES[keyword as Keyword];
    result[tag] = { vr, Value: [...value] };
  }
  return result;
}

/** Most characters of a decimal string (PS3.5 6.2). */
const DS_CHARACTERS = 16;

/** A number as a decimal string with as many digits as fit. */
export function decimal(value: number): string {
  for (let digits = 15; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= DS_CHARACTERS) return text;
  }
  throw new RangeError(`${value} is no decimal string`);
}
