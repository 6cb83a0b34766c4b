/**
 * Studies of the patient in other PACS than that of the study that is read. Two PACS may give one Patient ID to two patients: a study
 * of another PACS counts only where both issuers are known and equal. A PACS that fails is named, and the others go on.
 * @module
 */
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { Logger } from '../access/index.ts';
import { studiesOfPatientId } from './studies.ts';
import type { ListedStudy } from './studies.ts';
import type { OmittedSource } from './types.ts';

/** Another PACS. */
export interface OtherSource {
  readonly name: string;
  readonly client: DicomwebSource;
}

/** What another PACS has of the patient. */
export interface FoundElsewhere {
  readonly studies: readonly ListedStudy[];
  readonly isCut: boolean;
  readonly omitted: readonly OmittedSource[];
}

/** How a PACS is searched. */
export interface SearchElsewhere {
  readonly logger: Logger;
  /** Whether the error says that the PACS withholds something from the caller. */
  readonly isHidden: (error: unknown) => boolean;
  /** Runs the search with a time limit; undefined where it was too long. */
  readonly within: <T>(work: (options: RequestOptions) => Promise<T>) => Promise<T | undefined>;
}

const NOTHING: FoundElsewhere = { studies: [], isCut: false, omitted: [] };

async function searchOne(
  { name, client }: OtherSource,
  { patientId, issuer }: { readonly patientId: string; readonly issuer: string },
  { logger, isHidden, within }: SearchElsewhere,
): Promise<FoundElsewhere> {
  try {
    const found = await within((options) => studiesOfPatientId(client, patientId, options));
    if (found === undefined) return { ...NOTHING, omitted: [{ name, reason: 'unanswered' }] };
    const own = found.studies.filter(({ patient }) => patient.issuer === issuer);
    const isUnnamed = found.studies.some(({ patient }) => patient.issuer === undefined);
    return {
      studies: own.map((study) => ({ ...study, source: name })),
      isCut: found.isCut,
      omitted: isUnnamed ? [{ name, reason: 'issuer-unknown' }] : [],
    };
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    logger.warn({ code: error.code, source: name }, 'a PACS could not be searched for prior studies');
    return { ...NOTHING, omitted: [{ name, reason: isHidden(error) ? 'hidden' : 'unanswered' }] };
  }
}

/** Searches every other PACS at the same time. Of a study that the PACS of the current study has, too, that one counts. */
export async function studiesElsewhere(
  others: readonly OtherSource[],
  { patient, studyInstanceUid }: ListedStudy,
  known: readonly ListedStudy[],
  search: SearchElsewhere,
): Promise<FoundElsewhere> {
  const { patientId, issuer } = patient;
  if (patientId === undefined || others.length === 0) return NOTHING;
  if (issuer === undefined) {
    return { ...NOTHING, omitted: others.map(({ name }) => ({ name, reason: 'issuer-unknown' })) };
  }
  const found = await Promise.all(others.map((one) => searchOne(one, { patientId, issuer }, search)));
  const seen = new Set([studyInstanceUid, ...known.map((one) => one.studyInstanceUid)]);
  const studies = found
    .flatMap((one) => one.studies)
    .filter((one) => {
      const isNew = !seen.has(one.studyInstanceUid);
      seen.add(one.studyInstanceUid);
      return isNew;
    });
  return {
    studies,
    isCut: found.some(({ isCut }) => isCut),
    omitted: found.flatMap(({ omitted }) => omitted),
  };
}
