/** Which attributes a search returns at each level (PS3.18 Tables 10.6.3-3 to 10.6.3-5), and the computed ones. */
import { stringOf, tagOf } from '../dicom/index.ts';
import type { DicomElement, DicomJson } from '../dicom/index.ts';
import dcmjs from 'dcmjs';
import type { SeriesEntries, StudyEntries } from './registry.ts';
import type { InstanceEntry, InstanceIdentity } from './types.ts';

const STUDY_ATTRIBUTES: readonly string[] = [
  tagOf('SpecificCharacterSet'),
  tagOf('StudyDate'),
  tagOf('StudyTime'),
  tagOf('AccessionNumber'),
  tagOf('ReferringPhysicianName'),
  // Not required, but every study list shows it.
  tagOf('StudyDescription'),
  tagOf('TimezoneOffsetFromUTC'),
  tagOf('PatientName'),
  tagOf('PatientID'),
  tagOf('PatientBirthDate'),
  tagOf('PatientSex'),
  tagOf('StudyInstanceUID'),
  tagOf('StudyID'),
];

const SERIES_ATTRIBUTES: readonly string[] = [
  tagOf('Modality'),
  tagOf('SeriesDescription'),
  tagOf('SeriesDate'),
  tagOf('SeriesTime'),
  tagOf('SeriesInstanceUID'),
  tagOf('SeriesNumber'),
  tagOf('BodyPartExamined'),
  tagOf('PerformedProcedureStepStartDate'),
  tagOf('PerformedProcedureStepStartTime'),
  tagOf('RequestAttributesSequence'),
];

const INSTANCE_ATTRIBUTES: readonly string[] = [
  tagOf('SOPClassUID'),
  tagOf('SOPInstanceUID'),
  tagOf('InstanceNumber'),
  tagOf('NumberOfFrames'),
  tagOf('Rows'),
  tagOf('Columns'),
  tagOf('BitsAllocated'),
  tagOf('AvailableTransferSyntaxUID'),
];

/** What a search looks at and answers with. */
export interface Candidate {
  /** Data sets in which a key may match: the level itself and one instance of each series below it. */
  readonly dataSets: readonly DicomJson[];
  /** Attributes that no stored data set has; they win over stored ones. */
  readonly computed: DicomJson;
  /** Tags that are returned without a request for them. */
  readonly returned: readonly string[];
}

/** The tag of a keyword or of a tag as QIDO-RS writes it, undefined where there is no such attribute. */
export function queryTagOf(attribute: string): string | undefined {
  if (/^[0-9A-Fa-f]{8}$/.test(attribute)) return attribute.toUpperCase();
  const entry = Object.hasOwn(dcmjs.data.DicomMetaDictionary.nameMap, attribute)
    ? dcmjs.data.DicomMetaDictionary.nameMap[attribute]
    : undefined;
  const digits = entry?.tag.replace(/[(),]/g, '').toUpperCase();
  return digits !== undefined && /^[0-9A-F]{8}$/.test(digits) ? digits : undefined;
}

/** The study level. @param root URL of the DICOMweb root */
export function studyCandidate(root: string, uid: string, study: StudyEntries): Candidate {
  const dataSets = [...study.values()].flatMap(firstDataSet);
  let instances = 0;
  for (const series of study.values()) instances += series.size;
  return {
    dataSets,
    returned: STUDY_ATTRIBUTES,
    computed: {
      [tagOf('InstanceAvailability')]: one('CS', 'ONLINE'),
      [tagOf('ModalitiesInStudy')]: all(
        'CS',
        dataSets.map((json) => stringOf(json, 'Modality')),
      ),
      [tagOf('SOPClassesInStudy')]: all(
        'UI',
        entriesOf(study).map(({ sopClassUid }) => sopClassUid),
      ), // SOPClassesInStudy
      [tagOf('RetrieveURL')]: one('UR', `${root}/studies/${uid}`),
      [tagOf('NumberOfStudyRelatedSeries')]: one('IS', study.size),
      [tagOf('NumberOfStudyRelatedInstances')]: one('IS', instances),
    },
  };
}

/** The series level, with the attributes of its study. */
export function seriesCandidate(root: string, study: string, uid: string, series: SeriesEntries): Candidate {
  return {
    dataSets: firstDataSet(series),
    returned: [...STUDY_ATTRIBUTES, ...SERIES_ATTRIBUTES],
    computed: {
      [tagOf('InstanceAvailability')]: one('CS', 'ONLINE'),
      [tagOf('RetrieveURL')]: one('UR', `${root}/studies/${study}/series/${uid}`),
      [tagOf('NumberOfSeriesRelatedInstances')]: one('IS', series.size),
    },
  };
}

/** The instance level, with the attributes of its study and series. */
export function instanceCandidate(root: string, entry: InstanceEntry): Candidate {
  return {
    dataSets: [entry.metadata],
    returned: [...STUDY_ATTRIBUTES, ...SERIES_ATTRIBUTES, ...INSTANCE_ATTRIBUTES],
    computed: {
      [tagOf('InstanceAvailability')]: one('CS', 'ONLINE'),
      [tagOf('RetrieveURL')]: one('UR', instanceUrl(root, entry)),
    },
  };
}

/** URL of an instance; the UIDs are digits and dots. */
export function instanceUrl(root: string, entry: InstanceIdentity): string {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = entry;
  return `${root}/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
}

/** Values by which a key is matched. */
export function elementsOf(candidate: Candidate, path: readonly string[]): readonly DicomElement[] {
  const [tag, ...rest] = path;
  if (tag === undefined) return [];
  const computed = candidate.computed[tag];
  const found = computed ? [computed] : candidate.dataSets.flatMap((json) => json[tag] ?? []);
  if (rest.length === 0) return found;
  const items = found.flatMap(({ Value }) => (Value ?? []) as readonly DicomJson[]);
  return elementsOf({ ...candidate, dataSets: items, computed: {} }, rest);
}

function firstDataSet(series: SeriesEntries): DicomJson[] {
  for (const { metadata } of series.values()) return [metadata];
  return [];
}

function entriesOf(study: StudyEntries): InstanceEntry[] {
  return [...study.values()].flatMap((series) => [...series.values()]);
}

function one(vr: string, value: string | number): DicomElement {
  return { vr, Value: [value] };
}

function all(vr: string, values: readonly (string | undefined)[]): DicomElement {
  return { vr, Value: [...new Set(values.filter((value) => value !== undefined))] };
}
