/** Storage SOP classes that hold slices of a volume in modality units (PS3.4 annex B.5). */
const VOLUME_CLASSES: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.2', // CT
  '1.2.840.10008.5.1.4.1.1.2.1', // Enhanced CT
  '1.2.840.10008.5.1.4.1.1.2.2', // Legacy Converted Enhanced CT
  '1.2.840.10008.5.1.4.1.1.4', // MR
  '1.2.840.10008.5.1.4.1.1.4.1', // Enhanced MR
  '1.2.840.10008.5.1.4.1.1.4.3', // Enhanced MR Color: refused as colour, with its own message
  '1.2.840.10008.5.1.4.1.1.4.4', // Legacy Converted Enhanced MR
  '1.2.840.10008.5.1.4.1.1.128', // PET
  '1.2.840.10008.5.1.4.1.1.128.1', // Legacy Converted Enhanced PET
  '1.2.840.10008.5.1.4.1.1.130', // Enhanced PET
]);

const MULTI_FRAME_CLASSES: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.2.2',
  '1.2.840.10008.5.1.4.1.1.4.1',
  '1.2.840.10008.5.1.4.1.1.4.3',
  '1.2.840.10008.5.1.4.1.1.4.4',
  '1.2.840.10008.5.1.4.1.1.128.1',
  '1.2.840.10008.5.1.4.1.1.130',
]);

/** Longest prefix first. */
const KINDS: readonly (readonly [prefix: string, name: string])[] = [
  ['1.2.840.10008.5.1.4.1.1.88.59', 'key object selection'],
  ['1.2.840.10008.5.1.4.1.1.88.', 'structured report'],
  ['1.2.840.10008.5.1.4.1.1.11.', 'presentation state'],
  ['1.2.840.10008.5.1.4.1.1.104.', 'encapsulated document'],
  ['1.2.840.10008.5.1.4.1.1.66.4', 'segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66', 'raw data or registration'],
  ['1.2.840.10008.5.1.4.1.1.481.', 'radiotherapy object'],
  ['1.2.840.10008.5.1.4.1.1.7', 'secondary capture'],
];

/** True for slices of CT, MR and PET. */
export function isVolumeClass(sopClassUid: string): boolean {
  return VOLUME_CLASSES.has(sopClassUid);
}

/** True where the frames are described by functional groups. */
export function isMultiFrameClass(sopClassUid: string): boolean {
  return MULTI_FRAME_CLASSES.has(sopClassUid);
}

/** A word for a class that is no volume, for messages. */
export function kindOf(sopClassUid: string): string {
  return KINDS.find(([prefix]) => sopClassUid.startsWith(prefix))?.[1] ?? `SOP class ${sopClassUid}`;
}
