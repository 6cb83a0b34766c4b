import { jest } from '@jest/globals';
import type { PreviewImage } from '../../embedding/types.ts';
import { affineFromColumns, compose, invert, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { grossPose, judgePoses } from './grossPose.ts';
import type { GrossPose } from './grossPose.ts';
import { angleBetweenDeg } from './rotations.ts';

/** A search lasts 1 s; longer on a machine under load. */
jest.setTimeout(120_000);

const MM = 10;
const DIMS = [44, 44, 42] as const;
/** Bound once: a global look-up for every voxel is slow in test sandboxes. */
const { abs, floor } = Math;
const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** HU of a trunk: one lung is larger, a heart on the left, a liver on the right, a spine behind. LPS mm. */
function anatomy(x: number, y: number, z: number): number {
  const within = (a: number, b: number, c: number, rx: number, ry: number, rz: number): boolean =>
    ((x - a) / rx) ** 2 + ((y - b) / ry) ** 2 + ((z - c) / rz) ** 2 < 1;
  if ((x / 160) ** 2 + (y / 105) ** 2 > 1 || abs(z) > 150) return -1000;
  if (within(0, 80, z, 22, 18, 1)) return 300;
  if (within(45, -30, 40, 50, 45, 60)) return 60;
  if (within(-70, -10, -60, 75, 70, 60)) return 110;
  if (within(-80, 0, 70, 55, 75, 75) || within(85, 10, 60, 45, 65, 70)) return -800;
  return 0;
}

/** @param toAnatomy LPS of this scan to that of the anatomy */
function scan(toAnatomy: Affine): PreviewImage {
  const half = (axis: 0 | 1 | 2): number => -((DIMS[axis] - 1) / 2) * MM;
  const voxelToLps = affineFromColumns([MM, 0, 0], [0, MM, 0], [0, 0, MM], [half(0), half(1), half(2)]);
  const values = new Int16Array(DIMS[0] * DIMS[1] * DIMS[2]);
  const toPlace = compose(toAnatomy, voxelToLps);
  for (let voxel = 0; voxel < values.length; voxel++) {
    const [i, j] = [voxel % DIMS[0], floor(voxel / DIMS[0]) % DIMS[1]];
    const k = floor(voxel / DIMS[0] / DIMS[1]);
    const [x, y, z] = toLps(toPlace, voxelIndex(i, j, k));
    values[voxel] = anatomy(x, y, z);
  }
  const volume = {
    dims: DIMS,
    voxelToLps,
    slices: [],
    studyInstanceUid: '1',
    seriesInstanceUid: '1.1',
    frameOfReferenceUid: '1.2',
    modality: 'CT',
    warnings: [],
  } as const;
  const image = { grid: { dims: DIMS, voxelToLps }, values, scale: 1 };
  return { volume, image, bodyMask: Uint8Array.from(values, (value) => (value > -1000 ? 1 : 0)) };
}

const cos = Math.cos(Math.PI / 4);
const MAPS = {
  'a turn of 45 degrees about the left-right axis': [1, 0, 0, 12, 0, cos, -cos, -20, 0, cos, cos, 30],
  'head and feet, front and back exchanged': [1, 0, 0, 0, 0, -1, 0, 15, 0, 0, -1, -20],
} as const;
const MIRRORED = {
  'head and feet': [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 15],
} as const;

const query = scan(IDENTITY);

function rotationOf(pose: GrossPose): Affine {
  if (pose.kind === 'turned' || pose.kind === 'mirrored') return pose.rotation;
  throw new Error(`the pose is ${pose.kind}`);
}

describe('grossPose', () => {
  it('has nothing to say about patients that lie alike, also shifted and turned a little', async () => {
    expect(await grossPose(query, query)).toEqual({ kind: 'alike' });
    const [c, s] = [Math.cos(0.08), Math.sin(0.08)];
    const moved = scan(invert([c, -s, 0, 20, s, c, 0, -10, 0, 0, 1, 30]));
    expect(await grossPose(query, moved)).toEqual({ kind: 'alike' });
  });

  it.each(Object.entries(MAPS))('finds %s', async (_name, map) => {
    const pose = await grossPose(query, scan(invert(map)));
    expect(pose.kind).toBe('turned');
    expect(angleBetweenDeg(rotationOf(pose), map)).toBeLessThan(4);
  });

  it.each(Object.entries(MIRRORED))('recognises a mirror image: %s exchanged', async (_name, map) => {
    const pose = await grossPose(query, scan(invert(map)));
    expect(pose.kind).toBe('mirrored');
    expect(angleBetweenDeg(rotationOf(pose), map)).toBeLessThan(4);
  });

  it('ends when it is aborted', async () => {
    const turned = scan(invert(MAPS['head and feet, front and back exchanged']));
    await expect(grossPose(query, turned, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('judgePoses', () => {
  const at = (correlation: number, queryToTarget: Affine = IDENTITY) => ({
    correlation,
    overlap: 1,
    queryToTarget,
  });
  const half = MAPS['head and feet, front and back exchanged'];
  const mirror = MIRRORED['head and feet'];

  it('believes a turn only where it is clearly better than none', () => {
    expect(judgePoses(at(0.9), at(0.91, half), undefined).kind).toBe('alike');
    expect(judgePoses(at(0.7), at(0.91, half), undefined).kind).toBe('turned');
  });

  it('believes no pose that fits badly', () => {
    expect(judgePoses(at(0.2), at(0.5, half), at(0.55, mirror)).kind).toBe('alike');
  });

  it('warns where a mirror image fits a little better, and believes it where it fits much better', () => {
    expect(judgePoses(at(0.9), undefined, at(0.9, mirror)).kind).toBe('alike');
    expect(judgePoses(at(0.9), undefined, at(0.93, mirror)).kind).toBe('perhaps-mirrored');
    expect(judgePoses(at(0.8), at(0.82), at(0.93, mirror)).kind).toBe('mirrored');
  });
});
