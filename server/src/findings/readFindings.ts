import { itemsOf, stringOf, UnreadableDicom } from '../dicom/index.ts';
import type { Code } from '../contentTree/index.ts';
import { CODES, OWN_CODES, child, isNamed } from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { timePointOf } from '../report/index.ts';
import { createdAtOf, identityOf, listedIn, parseDocument, predecessorsOf } from './document.ts';
import type { ParsedDocument } from './document.ts';
import { findingsOfStructureSet } from './rtStructure.ts';
import { findingsOfSegmentation } from './segmentation.ts';
import { findingsOfReport, groupsIn } from './structuredReport.ts';
import type { FindingsDocument, ReadFindings } from './types.ts';
import { UnreadCounter } from './unread.ts';

/** Titles of rejections, which withdraw what they list (PS3.16 CID 7011, IHE RAD TF-3 4.66). */
const REJECTIONS: readonly Code[] = [
  ['113001', 'DCM', 'Rejected for Quality Reasons'],
  ['113037', 'DCM', 'Rejected for Patient Safety Reasons'],
  ['113038', 'DCM', 'Incorrect Modality Worklist Entry'],
  ['113039', 'DCM', 'Data Retention Policy Expired'],
];

/**
 * Reads the findings of a structured report, a segmentation or a structure set that anybody wrote. What cannot be read is counted, and
 * the rest given. The bytes decide how long it lasts: a server calls it in a thread ({@link createFindingsReader}).
 */
export function readFindings(part10: Uint8Array): ReadFindings {
  try {
    const document = documentOf(parseDocument(part10));
    return document === undefined
      ? { ok: false, isDamaged: false, reason: 'it holds no findings' }
      : { ok: true, document };
  } catch (error) {
    if (error instanceof UnreadableDicom)
      return { ok: false, isDamaged: true, reason: `it is not a complete DICOM file: ${error.message}` };
    throw error;
  }
}

function documentOf(parsed: ParsedDocument): FindingsDocument | undefined {
  const { dataset } = parsed;
  const unread = new UnreadCounter();
  switch (stringOf(dataset, 'Modality')) {
    case 'SR':
      return isMeasurementReport(dataset)
        ? described(parsed, 'SR', findingsOfReport(dataset, unread), unread)
        : undefined;
    case 'SEG':
      return described(parsed, 'SEG', findingsOfSegmentation(parsed, unread), unread);
    case 'RTSTRUCT':
      return described(parsed, 'RTSTRUCT', findingsOfStructureSet(parsed, unread), unread);
    case 'KO':
      return REJECTIONS.some((title) => isNamed(dataset, title))
        ? { ...described(parsed, 'KO', [], unread), replaces: listedIn(dataset) }
        : undefined;
    default:
      return undefined;
  }
}

/** An Imaging Measurement Report, also an empty one, which withdraws its predecessor; or any report with measurement groups. */
function isMeasurementReport(dataset: Dataset): boolean {
  return (
    isNamed(dataset, CODES.imagingMeasurementReport) ||
    itemsOf(dataset, 'ContentSequence').some((item) => isNamed(item, CODES.imagingMeasurements)) ||
    groupsIn(dataset).length > 0
  );
}

function isOfPairs(dataset: Dataset): boolean {
  return groupsIn(dataset).some((group) => child(group, OWN_CODES.matchUid) !== undefined);
}

function described(
  { dataset }: ParsedDocument,
  source: FindingsDocument['source'],
  findings: FindingsDocument['findings'],
  unread: UnreadCounter,
): FindingsDocument {
  const createdAt = createdAtOf(dataset);
  const timePoint = source === 'SR' ? unread.attempt(() => timePointOf(dataset)) : undefined;
  return {
    source,
    identity: identityOf(dataset),
    ...(createdAt === undefined ? {} : { createdAt }),
    replaces: predecessorsOf(dataset),
    ...(timePoint === undefined ? {} : { timePoint }),
    ...(source === 'SR' && isOfPairs(dataset) ? { isOfPairs: true } : {}),
    findings,
    unread: unread.reasons,
  };
}
