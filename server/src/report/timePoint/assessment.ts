/**
 * What the report of a time point says of the time point as a whole, written beside the measurements, where stock OHIF passes over it.
 * The container is in every report of a time point and marks it as one.
 * @module
 */
import { itemsOf, stringOf } from '../../dicom/index.ts';
import {
  CODES,
  codedItem,
  containerItem,
  numericItem,
  textItem,
  child,
  codeOf,
  isNamed,
  measuredValue,
  lineOf,
} from '../../contentTree/index.ts';
import type { Code } from '../../contentTree/index.ts';
import type { Dataset } from '../../documents/index.ts';
import { RESPONSE_CODES, TIME_POINT_CODES } from './codes.ts';
import { RESPONSES } from './types.ts';
import type { Assessment, TimePoint, TimePointRecord } from './types.ts';

/** Numbers of an assessment: concept and unit. */
const NUMBERS = [
  ['sumMm', TIME_POINT_CODES.sum, CODES.millimetre],
  ['baselineSumMm', TIME_POINT_CODES.baselineSum, CODES.millimetre],
  ['nadirSumMm', TIME_POINT_CODES.nadirSum, CODES.millimetre],
  ['changeFromBaselinePercent', TIME_POINT_CODES.changeFromBaseline, TIME_POINT_CODES.percent],
  ['changeFromNadirPercent', TIME_POINT_CODES.changeFromNadir, TIME_POINT_CODES.percent],
] as const satisfies readonly (readonly [keyof Assessment, Code, Code])[];

/** The container of a time point. */
export function timePointContainer({ name }: TimePoint, assessment: Assessment | undefined): Dataset {
  return containerItem(TIME_POINT_CODES.assessment, [
    textItem('CONTAINS', CODES.timePoint, name.trim()),
    ...(assessment === undefined ? [] : assessmentItems(assessment)),
  ]);
}

function assessmentItems(assessment: Assessment): readonly Dataset[] {
  const { response } = assessment;
  const numbers = NUMBERS.flatMap(([key, name, unit]) => {
    const value = assessment[key];
    return value === undefined ? [] : [numericItem(name, value, unit)];
  });
  if (response === undefined) return numbers;
  return [
    ...numbers,
    codedItem('CONTAINS', TIME_POINT_CODES.method, TIME_POINT_CODES.recist),
    codedItem('CONTAINS', TIME_POINT_CODES.response, RESPONSE_CODES[response]),
  ];
}

/** The time point of a report; undefined where it is no report of a time point of ours. @throws Unreadable where a number is none */
export function timePointOf(report: Dataset): TimePointRecord | undefined {
  const container = itemsOf(report, 'ContentSequence').find((item) =>
    isNamed(item, TIME_POINT_CODES.assessment),
  );
  if (container === undefined) return undefined;
  const name = child(container, CODES.timePoint);
  const assessment = assessmentOf(container);
  return {
    name: lineOf(name && stringOf(name, 'TextValue')) ?? '',
    ...(assessment === undefined ? {} : { assessment }),
  };
}

function assessmentOf(container: Dataset): Assessment | undefined {
  const numbers: Partial<Record<(typeof NUMBERS)[number][0], number>> = {};
  for (const [key, name] of NUMBERS) {
    const item = child(container, name);
    if (item !== undefined) numbers[key] = measuredValue(item);
  }
  const { sumMm } = numbers;
  if (sumMm === undefined) return undefined;
  const isGiven = child(container, TIME_POINT_CODES.response) !== undefined;
  const value = isGiven ? codeOf(container, TIME_POINT_CODES.response) : undefined;
  const response = RESPONSES.find((one) => RESPONSE_CODES[one][0] === value);
  return { ...numbers, sumMm, ...(response === undefined ? {} : { response }) };
}
