/** Previews of a pair: where points lie by affine registration of two preview images. @module */
import type { PreviewImage } from '../../embedding/types.ts';
import { invert, locateInStack, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { intoVolume } from '../../matchMethods/index.ts';
import { seriesPointAt } from '../seriesPoint.ts';
import { PREVIEW_METHOD, PREVIEW_STEP } from '../types.ts';
import type { PointOutcome, QueryPoint } from '../types.ts';
import { carry, grossPose, registerPreviews } from '../../affineRegistration/index.ts';
import type { Registration } from '../../affineRegistration/index.ts';

/** Points of a pair of series whose embeddings are still to come. */
export interface PreviewRequest {
  readonly query: PreviewImage;
  readonly target: PreviewImage;
  readonly points: readonly QueryPoint[];
  readonly signal?: AbortSignal;
}

/** Below this correlation the bodies do not lie on each other: another region, another posture, a flipped series. */
const LEAST_CORRELATION = 0.5;
/**
 * The radius that held 90 % of the errors on sixteen made follow-ups of two CT (affine, so what is bent stays off): 8 mm, and 6 mm
 * per 0.1 that the correlation falls short of 1.
 */
const RADIUS_MM = 8;
const RADIUS_PER_CORRELATION_MM = 60;

/**
 * First answers, never more than `uncertain`: the outcomes of those points that lie in the query's body, none where the
 * modalities differ or the registration fails. Lasts 0.1 to 0.3 s, in steps of a few ms.
 * @throws the signal's reason when it is aborted
 */
export async function previewPoints(request: PreviewRequest): Promise<readonly PointOutcome[]> {
  const { query, target, points, signal } = request;
  if (query.volume.modality !== target.volume.modality) return [];
  const registration = await registered(query, target, signal);
  if (registration === undefined || registration.correlation < LEAST_CORRELATION) return [];
  return points.filter((point) => isIn(query, point)).map((point) => outcomeOf(point, request, registration));
}

/** The registration of a pair in the pose that it has; undefined where one is the mirror image of the other: its sides are not shown. */
async function registered(
  query: PreviewImage,
  target: PreviewImage,
  signal: AbortSignal | undefined,
): Promise<Registration | undefined> {
  const pose = await grossPose(query, target, signal);
  if (pose.kind === 'alike') return await registerPreviews(query, target, signal);
  return pose.kind === 'turned' ? pose.registration : undefined;
}

/** True for a point of the query's volume in the body or within a voxel of it: other points will have no answer either. */
function isIn(query: PreviewImage, { lps, frameOfReferenceUid }: QueryPoint): boolean {
  const { volume } = query;
  const isSameFrame = frameOfReferenceUid === undefined || frameOfReferenceUid === volume.frameOfReferenceUid;
  if (!isSameFrame || !lps.every(Number.isFinite)) return false;
  return locateInStack(volume, lps).outsideMm === 0 && touchesBody(query, lps);
}

function touchesBody({ image, bodyMask }: PreviewImage, lps: LpsPoint): boolean {
  const [nx, ny, nz] = image.grid.dims;
  const [x, y, z] = toVoxel(invert(image.grid.voxelToLps), lps);
  for (let k = Math.floor(z); k <= Math.ceil(z); k++)
    for (let j = Math.floor(y); j <= Math.ceil(y); j++)
      for (let i = Math.floor(x); i <= Math.ceil(x); i++) {
        const isInGrid = Math.min(i, j, k, nx - 1 - i, ny - 1 - j, nz - 1 - k) >= 0;
        if (isInGrid && bodyMask[(k * ny + j) * nx + i] === 1) return true;
      }
  return false;
}

function outcomeOf(
  { id, lps }: QueryPoint,
  { query, target }: PreviewRequest,
  registration: Registration,
): PointOutcome {
  const carried = carry(registration, lps);
  const { outsideMm } = locateInStack(target.volume, carried);
  const match = {
    method: PREVIEW_METHOD,
    step: PREVIEW_STEP,
    verdict: 'uncertain',
    query: seriesPointAt(query.volume, lps),
    target: seriesPointAt(target.volume, intoVolume(target.volume, carried)),
    similarity: registration.correlation,
    // The cycle error of an affine map is always zero and says nothing here, and the radius says it all.
    cycleErrorMm: 0,
    errorRadiusMm: RADIUS_MM + RADIUS_PER_CORRELATION_MM * (1 - registration.correlation) + outsideMm,
  } as const;
  return { pointId: id, ok: true, match };
}
