import { MATCH_METHODS } from '../../model/index.ts';
import type { MatchModel } from '../types.ts';
import { UNCALIBRATED } from './calibration.ts';

/** Radius between two patients that is assumed of a model for which it was not measured: twice that of samepoint-ct, mm. */
const UNMEASURED_RADIUS_MM = 47;

/**
 * The same model for a pair that is known to be of two patients: whatever their matches agree, no answer of the default method is more
 * than uncertain, no radius is smaller than what was measured between patients, and patches of the images are not registered.
 * @param of what is looked for. Landmarks have a radius of their own: they are marked at places that are well defined, and the other one
 *   was measured at ends of organs, too
 */
export function betweenPatients(model: MatchModel, of: 'points' | 'landmarks' = 'points'): MatchModel {
  const { calibration, modalityCalibrations } = model.matching;
  const matching = {
    ...model.matching,
    calibration: withLimits(calibration, of),
    ...(modalityCalibrations && {
      modalityCalibrations: modalityCalibrations.map((own) => ({
        ...own,
        calibration: withLimits(own.calibration, of),
      })),
    }),
  };
  return { ...model, matching };
}

type Calibration = MatchModel['matching']['calibration'];

/** The calibration of each method, with the default method's for pairs that are always of two patients. */
function withLimits(calibration: Calibration, of: 'points' | 'landmarks'): NonNullable<Calibration> {
  const [method] = MATCH_METHODS;
  const own = calibration?.[method] ?? UNCALIBRATED;
  const { radiusMm = UNMEASURED_RADIUS_MM, landmarkRadiusMm = radiusMm } = own.differentPatients ?? {};
  const limits = { agreement: Infinity, radiusMm: of === 'landmarks' ? landmarkRadiusMm : radiusMm };
  return { ...calibration, [method]: { ...own, differentPatients: limits } };
}
