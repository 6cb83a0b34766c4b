import fc from 'fast-check';
import {
  affineFromColumns,
  determinant,
  distanceMm,
  invert,
  lpsPoint,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import { matrixOf, relabelled, scannedTurned } from './turnedScan.ts';
import type { Turn } from './turnedScan.ts';

const DIMS = [24, 20, 16] as const;
const VOXEL_TO_LPS = affineFromColumns([5, 0, 0], [0, 5, 0], [0, 0, 6], [-60, -40, -700]);

/** HU that name the place. */
const ramp = ([x, y, z]: LpsPoint): number => Math.round(3 * x + 5 * y - 2 * z - 1500);

const volume: Volume = {
  dims: DIMS,
  voxelToLps: VOXEL_TO_LPS,
  data: Int16Array.from({ length: DIMS[0] * DIMS[1] * DIMS[2] }, (_, n) =>
    ramp(toLps(VOXEL_TO_LPS, voxelIndex(n % 24, Math.floor(n / 24) % 20, Math.floor(n / 480)))),
  ),
  slices: Array.from({ length: DIMS[2] }, (_, k) => ({ sopClassUid: '1', sopInstanceUid: `1.${k}` })),
  studyInstanceUid: '1',
  seriesInstanceUid: '1.2',
  frameOfReferenceUid: '1.3',
  modality: 'CT',
  warnings: [],
};

/** The value of the voxel nearest to a place, and where its centre is. */
function nearest(
  scan: Volume,
  place: LpsPoint,
): { readonly value: number | undefined; readonly centre: LpsPoint } {
  const [i, j, k] = toVoxel(invert(scan.voxelToLps), place).map(Math.round) as [number, number, number];
  const value = scan.data[i + scan.dims[0] * (j + scan.dims[1] * k)];
  return { value, centre: toLps(scan.voxelToLps, voxelIndex(i, j, k)) };
}

const degrees = fc.integer({ min: -180, max: 180 });
const turns: fc.Arbitrary<Turn> = fc.record(
  {
    name: fc.constant('any'),
    deg: fc.tuple(degrees, degrees, degrees),
    mirrored: fc.constantFrom('x', 'y', 'z'),
  },
  { requiredKeys: ['name', 'deg'] },
);
const inside = fc
  .tuple(fc.integer({ min: 3, max: 20 }), fc.integer({ min: 3, max: 16 }), fc.integer({ min: 3, max: 12 }))
  .map(([i, j, k]) => toLps(VOXEL_TO_LPS, voxelIndex(i, j, k)));

test('a turn is orthogonal, and mirrors where it says so', () => {
  fc.assert(
    fc.property(turns, (turn) => {
      const [x, y, z] = matrixOf(turn);
      const m = affineFromColumns(x, y, z, [0, 0, 0]);
      expect(determinant(m)).toBeCloseTo(turn.mirrored === undefined ? 1 : -1, 9);
      for (const row of [x, y, z]) expect(Math.hypot(...row)).toBeCloseTo(1, 9);
    }),
  );
});

test('relabelled voxels are where the map puts them, and distances stay', () => {
  fc.assert(
    fc.property(turns, inside, inside, (turn, one, other) => {
      const { scan, toTurned } = relabelled(volume, turn);
      const found = nearest(scan, toTurned(one));
      expect(found.value).toBe(ramp(one));
      expect(distanceMm(found.centre, toTurned(one))).toBeLessThan(1e-9);
      expect(distanceMm(toTurned(one), toTurned(other))).toBeCloseTo(distanceMm(one, other), 9);
    }),
  );
});

test('a turned patient who is scanned again shows the same values in axial slices', () => {
  const turn: Turn = { name: 'combined', deg: [20, -25, 30] };
  const { scan, toTurned } = scannedTurned(volume, turn);
  expect([scan.voxelToLps[1], scan.voxelToLps[2], scan.voxelToLps[4], scan.voxelToLps[6]]).toEqual([
    0, 0, 0, 0,
  ]);
  expect(scan.slices).toHaveLength(scan.dims[2]);
  const toOriginal = matrixOf(turn);
  fc.assert(
    fc.property(inside, (place) => {
      const { value, centre } = nearest(scan, toTurned(place));
      // Back by the transposed matrix: the voxel's centre in the original, relative to the place.
      const off = [0, 1, 2].map((n) => centre[n]! - toTurned(place)[n]!);
      const [dx, dy, dz] = [0, 1, 2].map((n) =>
        off.reduce((sum, part, row) => sum + toOriginal[row]![n as 0] * part, 0),
      );
      const wanted = 3 * (place[0] + dx!) + 5 * (place[1] + dy!) - 2 * (place[2] + dz!) - 1500;
      expect(Math.abs(value! - wanted)).toBeLessThan(1.5);
    }),
  );
});

test('left stays left in a turn about the head-foot axis of 0 degrees', () => {
  expect(relabelled(volume, { name: 'none' }).toTurned(lpsPoint(1, 2, 3))).toEqual([1, 2, 3]);
});
