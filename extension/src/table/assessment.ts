/**
 * What the report of a time point says of the disease.
 * @module
 */
import type { Assessment } from '../wire.ts';
import { tableOf } from './table.ts';
import type { TableSource } from './table.ts';

/**
 * The assessment of a study for its report; undefined where a target has no size in it, because a sum without it would be read as the
 * whole.
 */
export function assessmentOf(
  source: TableSource & { readonly currentStudy: string | undefined },
  studyInstanceUid = source.currentStudy,
): Assessment | undefined {
  const index = source.timePoints.findIndex((point) => point.studyInstanceUid === studyInstanceUid);
  const assessed = tableOf(source).assessments[index];
  if (assessed?.sumMm === undefined) return undefined;
  const { sumMm, baselineSumMm, nadirSumMm, response } = assessed;
  const { changeFromBaselinePercent, changeFromNadirPercent } = assessed;
  return {
    sumMm,
    ...(baselineSumMm === undefined ? {} : { baselineSumMm }),
    ...(nadirSumMm === undefined ? {} : { nadirSumMm }),
    ...(changeFromBaselinePercent === undefined ? {} : { changeFromBaselinePercent }),
    ...(changeFromNadirPercent === undefined ? {} : { changeFromNadirPercent }),
    // The code of the standard for lesions without diameters has no sum beside it.
    ...(response === undefined || response === 'non-CR/non-PD' ? {} : { response }),
  };
}
