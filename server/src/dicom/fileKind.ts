import { isDicomFile, isPart10, asPart10 } from './fileHeader.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  readDataSet,
  readHeader,
  UnreadableDicom,
} from './parsePart10.ts';

const MEDIA_STORAGE_SOP_CLASS_UID = 'x00020002';
const DIRECTORY_RECORD_SEQUENCE = 'x00041220';
const SOP_CLASS_UID = 'x00080016';
const SOP_INSTANCE_UID = 'x00080018';
/** Media Storage Directory Storage (PS3.6 table A-1). */
const MEDIA_DIRECTORY_CLASS = '1.2.840.10008.1.3.10';

/**
 * What a file of a folder is: an instance, readable or not; the directory of a medium (DICOMDIR); an object without SOP class; or no DICOM
 * file at all.
 */
export type FileKind = 'instance' | 'directory' | 'no-instance' | 'foreign';

/** Reads as far into a file as is needed to know its kind; what cannot be read counts as an instance, so that somebody hears of it. */
export function fileKind(bytes: Uint8Array): FileKind {
  if (!isDicomFile(bytes)) return 'foreign';
  try {
    return kindOfFile(asPart10(bytes));
  } catch (failure) {
    if (!(failure instanceof UnreadableDicom)) throw failure;
    // Without the prefix, it was a guess.
    return isPart10(bytes) ? 'instance' : 'foreign';
  }
}

/** @throws UnreadableDicom */
function kindOfFile(part10: Uint8Array): FileKind {
  const { meta, transferSyntaxUid, dataSetOffset } = readHeader(part10);
  if (meta.string(MEDIA_STORAGE_SOP_CLASS_UID) === MEDIA_DIRECTORY_CLASS) return 'directory';
  if (transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN) return 'instance';
  const { dataSet, failure } = readDataSet(part10, dataSetOffset, {
    transferSyntaxUid,
    untilTag: SOP_INSTANCE_UID,
  });
  if (failure !== undefined) throw failure;
  if (dataSet.elements[DIRECTORY_RECORD_SEQUENCE] !== undefined) return 'directory';
  return dataSet.elements[SOP_CLASS_UID] === undefined ? 'no-instance' : 'instance';
}
