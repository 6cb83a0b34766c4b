/**
 * What is read of the bytes of a registration object: whether two say the same, and the field that Samepoint has put into its own.
 * @module
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { DataSet, Element } from 'dicom-parser';
import { parsePart10, reading, UnreadableDicom } from '../dicom/index.ts';
import { ATTRIBUTES, tagOf } from '../dicom/index.ts';
import { PRIVATE_BYTES_TAG, PRIVATE_CREATOR, PRIVATE_CREATOR_TAG } from './elements.ts';
import type { ReadRegistration } from './types.ts';

/** A series of 2,000 images is referred to in 12,000 elements, three numbers each. */
const MAX_READS = 1_000_000;
const MAX_DEPTH = 16;

const parserTag = (tag: string): string => `x${tag.toLowerCase()}`;
/** What an object says of the registration. */
const SAID = (
  [
    'SOPClassUID',
    'SOPInstanceUID',
    'PatientID',
    'FrameOfReferenceUID',
    'ContentLabel',
    'RegistrationSequence',
    'DeformableRegistrationSequence',
  ] as const
).map((keyword) => parserTag(tagOf(keyword)));

/** Value representations by tag, for files of implicit VR. */
const VRS = new Map(Object.values(ATTRIBUTES).map(([tag, vr]) => [parserTag(tag), vr]));

/** Reads an object; see {@link ReadRegistration}. */
export function readRegistration(part10: Uint8Array): ReadRegistration {
  try {
    const parsed = parsePart10(part10, { vrOf: (tag) => VRS.get(tag) ?? 'UN', maxReads: MAX_READS });
    return reading(() => {
      const bytes = ownBytes(parsed);
      const hash = createHash('sha256');
      for (const tag of SAID) addElement(hash, parsed, parsed.elements[tag], 0);
      if (bytes !== undefined) hash.update(bytes);
      return { ok: true, digest: hash.digest('hex'), ...(bytes === undefined ? {} : { bytes }) };
    });
  } catch (thrown) {
    if (!(thrown instanceof UnreadableDicom)) throw thrown;
    return { ok: false, isDamaged: true, reason: thrown.message };
  }
}

function ownBytes(parsed: DataSet): Uint8Array | undefined {
  const creator = parsed.string(parserTag(PRIVATE_CREATOR_TAG))?.trim();
  const element = parsed.elements[parserTag(PRIVATE_BYTES_TAG)];
  if (creator !== PRIVATE_CREATOR || element === undefined) return undefined;
  return parsed.byteArray.slice(element.dataOffset, element.dataOffset + element.length);
}

/** Values without their padding, whatever the transfer syntax wraps them in. */
function addElement(hash: Hash, { byteArray }: DataSet, element: Element | undefined, depth: number): void {
  if (element === undefined) return;
  if (depth > MAX_DEPTH) throw new UnreadableDicom('its sequences are nested too deeply');
  hash.update(element.tag);
  if (element.items === undefined) {
    const value = byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    hash.update(withoutPadding(value));
    return;
  }
  for (const { dataSet } of element.items) {
    hash.update('item');
    if (dataSet === undefined) continue;
    const tags = Object.keys(dataSet.elements).sort();
    for (const tag of tags) addElement(hash, dataSet, dataSet.elements[tag], depth + 1);
  }
}

/** Without the one byte that makes a value even: a space or NUL (PS3.5 6.2). */
function withoutPadding(value: Uint8Array): Uint8Array {
  const last = value.at(-1);
  return last === 0x20 || last === 0 ? value.subarray(0, -1) : value;
}
