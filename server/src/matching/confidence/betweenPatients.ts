import { MATCH_METHODS } from '../../model/index.ts';
import type { MatchModel } from '../types.ts';
import { UNCALIBRATED } from './calibration.ts';

/** Radius between two patients that is assumed of a model for which it was not measured: twice that of samepoint-ct, mm. */
const UNMEASURED_RADIUS_MM = 47;

/**
 * The same model for a pair that is known to be of two patients: whatever their matches agree, no answer of the default method is more
 * than uncertain, no radius is smaller than what was measured between patients, and patches of the images are not registered.
 */
export function betweenPatients(model: MatchModel): MatchModel {
  const [method] = MATCH_METHODS;
  const { calibration } = model.matching;
  const own = calibration?.[method] ?? UNCALIBRATED;
  const radiusMm = own.differentPatients?.radiusMm ?? UNMEASURED_RADIUS_MM;
  const between = { ...own, differentPatients: { agreement: Infinity, radiusMm } };
  return { ...model, matching: { ...model.matching, calibration: { ...calibration, [method]: between } } };
}
