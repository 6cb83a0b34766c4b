import type { VolumeGeometry, VolumeWarning } from '../volume/types.ts';
import { matrixOf } from './files/itkTransform.ts';
import { LATTICE_MM } from './register.ts';
import type { RegistrationFacts } from './register.ts';

type ReportedVolume = Pick<
  VolumeGeometry,
  'studyInstanceUid' | 'seriesInstanceUid' | 'frameOfReferenceUid' | 'modality'
>;

/** What a report names beside the registration. */
export interface Reported {
  readonly query: { readonly volume: ReportedVolume };
  readonly target: { readonly volume: ReportedVolume };
  readonly model: { readonly id: string; readonly version: string };
  readonly warnings: readonly VolumeWarning[];
}

/** What is to be known of a registration, as JSON. It holds UIDs and no name or patient id. */
export function reportOf(
  { stage, field, quality, smoothedNodes, result, seconds }: RegistrationFacts,
  { query, target, model, warnings }: Reported,
  version: string,
): object {
  return {
    stage,
    fixed: seriesOf(query),
    moving: seriesOf(target),
    model: { id: model.id, version: model.version },
    version,
    seconds: round(seconds, 1),
    pointsKept: result.kept,
    pointsTried: result.tried,
    negativeJacobianShare: quality.negativeJacobians,
    jacobianRange: [round(quality.smallestJacobian, 3), round(quality.largestJacobian, 3)],
    inverseConsistencyMm: {
      median: round(quality.inverseConsistencyMm.median, 3),
      p95: round(quality.inverseConsistencyMm.p95, 3),
    },
    bodyNodes: quality.bodyNodes,
    smoothedNodes,
    affine: matrixOf(field.affine),
    parameters: { latticeMm: LATTICE_MM, ...result.parameters },
    warnings,
  };
}

function seriesOf({ volume }: Reported['query']): object {
  const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, modality } = volume;
  return { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, modality };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
