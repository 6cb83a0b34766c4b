import { dataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import type { BuiltReport } from './types.ts';

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
/** Names this implementation in files it wrote (PS3.7 D.3.3.2); a random UUID, fixed. */
export const IMPLEMENTATION_CLASS_UID = '2.25.210962402708512998963629637959046769128';

/** File meta information (PS3.10 7.1). */
export function fileMeta(
  { sopInstanceUid }: Pick<BuiltReport, 'sopInstanceUid'>,
  sopClassUid: string,
): Dataset {
  return dataset({
    FileMetaInformationVersion: [Uint8Array.of(0, 1).buffer],
    MediaStorageSOPClassUID: [sopClassUid],
    MediaStorageSOPInstanceUID: [sopInstanceUid],
    TransferSyntaxUID: [EXPLICIT_LITTLE_ENDIAN],
    ImplementationClassUID: [IMPLEMENTATION_CLASS_UID],
    ImplementationVersionName: ['SAMEPOINT'],
  });
}
