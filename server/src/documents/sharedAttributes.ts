/**
 * What a report shares with the images of its study: patient and study (PS3.3 C.7.1.1, C.7.2.1).
 * @module
 */
import { itemsOf, stringOf, valuesOf } from '../dicom/index.ts';
import type { DicomJson, Keyword } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import { dataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import {
  dateValue,
  identifierValue,
  offsetValue,
  personName,
  sexValue,
  shortNumber,
  textValue,
  timeValue,
  yesOrNo,
} from './legacyValues.ts';
import type { InstanceAttributes } from './types.ts';

type Convert = (value: unknown) => unknown;

/** Written empty where the images have no value that a document may hold. */
const TYPE_2 = {
  PatientName: personName,
  PatientID: identifierValue,
  PatientBirthDate: dateValue,
  PatientSex: sexValue,
  StudyDate: dateValue,
  StudyTime: timeValue,
  ReferringPhysicianName: personName,
  StudyID: shortNumber,
  AccessionNumber: shortNumber,
} as const satisfies Partial<Record<Keyword, Convert>>;

/** Omitted there. */
const TYPE_3 = {
  IssuerOfPatientID: identifierValue,
  PatientIdentityRemoved: yesOrNo,
  StudyDescription: textValue,
  TimezoneOffsetFromUTC: offsetValue,
} as const satisfies Partial<Record<Keyword, Convert>>;

/** What a removed identity must name (type 1C), where the images do not. */
const UNKNOWN_METHOD = 'not stated in the images';

/**
 * The attributes of patient and study, by the rules of today.
 * @throws SamepointError `report/unwritable-identifier` where a report could not be of the same patient
 */
export function sharedAttributes(current: InstanceAttributes): Dataset {
  const shared: Dataset = {};
  for (const [keyword, convert] of Object.entries({ ...TYPE_2, ...TYPE_3 }) as [Shared, Convert][]) {
    const value = valueOf(current, keyword, convert);
    if (value !== undefined) Object.assign(shared, dataset({ [keyword]: [value] }));
    else if (keyword in TYPE_2) Object.assign(shared, dataset({ [keyword]: [] }));
  }
  return { ...shared, ...deidentification(current) };
}

type Shared = keyof typeof TYPE_2 | keyof typeof TYPE_3;

/** The first value: none of these has several. */
function valueOf(current: InstanceAttributes, keyword: Shared, convert: Convert): unknown {
  const value = convert(valuesOf(current, keyword).find((one) => one !== null && one !== undefined));
  if (value === false) throw new SamepointError('report/unwritable-identifier', { attribute: keyword });
  return value;
}

/** De-identification Method Code Sequence. Not in the dictionary of reports by keyword. */
const METHOD_CODES = '00120064';

/** How an identity was removed: a removed one must name its method. */
function deidentification(current: InstanceAttributes): Dataset {
  const texts = valuesOf(current, 'DeidentificationMethod').flatMap((value) => textValue(value) ?? []);
  const codes = itemsOf(current, 'DeidentificationMethodCodeSequence')
    .map(codeOf)
    .filter((code) => code !== undefined);
  const isRemoved = yesOrNo(stringOf(current, 'PatientIdentityRemoved')) === 'YES';
  const methods = isRemoved && texts.length === 0 && codes.length === 0 ? [UNKNOWN_METHOD] : texts;
  return {
    ...(methods.length === 0 ? {} : dataset({ DeidentificationMethod: methods })),
    ...(codes.length === 0 ? {} : { [METHOD_CODES]: { vr: 'SQ', Value: codes } }),
  };
}

/** A code of which value, scheme and meaning are whole (PS3.3 Table 8.8-1); undefined where one is not. */
function codeOf(item: DicomJson): Dataset | undefined {
  const value = shortNumber(stringOf(item, 'CodeValue'));
  const scheme = shortNumber(stringOf(item, 'CodingSchemeDesignator'));
  const meaning = textValue(stringOf(item, 'CodeMeaning'));
  if (value === undefined || scheme === undefined || meaning === undefined) return undefined;
  return dataset({ CodeValue: [value], CodingSchemeDesignator: [scheme], CodeMeaning: [meaning] });
}
