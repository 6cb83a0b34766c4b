/**
 * The control of pairs that elastix does not register: the centres of both images are aligned, and every point stays where it is. A
 * method that is not better than this has used the position in the image, not the anatomy.
 * @module
 */
import { distanceMm, lpsPoint, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Scene } from './scenes.ts';
import type { Scored } from './statistics.ts';

/** Centre of the field of view, LPS mm. */
export function centreOf({ dims: [nx, ny, nz], voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>): LpsPoint {
  return toLps(voxelToLps, voxelIndex((nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2));
}

/** The error of each point of a scene when the centres are aligned. */
export async function alignCentres({ query, target, points }: Scene): Promise<readonly Scored[]> {
  const from = centreOf(await query.load());
  const to = centreOf(await target.load());
  return points.map((point) => {
    const [x, y, z] = point.query;
    const answer = lpsPoint(x - from[0] + to[0], y - from[1] + to[1], z - from[2] + to[2]);
    return { errorMm: distanceMm(answer, point.target) };
  });
}
