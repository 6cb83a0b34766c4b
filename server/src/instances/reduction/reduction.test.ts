import fc from 'fast-check';
import { compose, affineFromColumns } from '../../geometry/index.ts';
import type { Affine, Vector } from '../../geometry/index.ts';
import { lowPass } from '../../codecs/lowPass.ts';
import { resample } from '../../resampling/resample.ts';
import { workingGrid } from '../../volume/workingGrid.ts';
import type { FrameHeader } from '../parsing/frame.ts';
import { seededRandom } from '../../volume/testing/syntheticSeries.ts';
import { planInPlane } from './plan.ts';
import type { InPlanePlan } from '../../resampling/reduction/types.ts';
import { reduceSlice } from '../../resampling/reduction/reduceSlice.ts';
import { reducedVoxels, voxelsOf } from '../../resampling/reduction/source.ts';

const SAMPLING = { spacingMm: 2, antialias: false };
const OUTSIDE = -1024;

type Geometry = Pick<FrameHeader, 'columns' | 'rows' | 'alongRow' | 'alongColumn' | 'pixelSpacing'>;

/** Directions of rows and columns: axial, coronal and sagittal slices, also turned and mirrored. */
const DIRECTIONS: readonly (readonly [Vector, Vector, Vector])[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
  [
    [0, 1, 0],
    [-1, 0, 0],
    [0, 0, 1],
  ],
  [
    [1, 0, 0],
    [0, 0, -1],
    [0, 1, 0],
  ],
  [
    [0, 1, 0],
    [0, 0, -1],
    [-1, 0, 0],
  ],
];

const geometries = fc.record({
  columns: fc.integer({ min: 20, max: 60 }),
  rows: fc.integer({ min: 20, max: 60 }),
  directions: fc.constantFrom(...DIRECTIONS),
  pixelSpacing: fc.tuple(
    fc.double({ min: 0.3, max: 1, noNaN: true }),
    fc.double({ min: 0.3, max: 1, noNaN: true }),
  ),
  sliceMm: fc.double({ min: 0.4, max: 3, noNaN: true }),
});

function headerOf(geometry: Geometry, modality: FrameHeader['modality'] = 'CT'): FrameHeader {
  return {
    source: { sopClassUid: '', sopInstanceUid: '' },
    studyInstanceUid: '',
    seriesInstanceUid: '',
    frameOfReferenceUid: '',
    position: [0, 0, 0],
    traits: {},
    modality,
    ...geometry,
  };
}

function affineOf(
  { alongRow, alongColumn, pixelSpacing }: Geometry,
  normal: Vector,
  sliceMm: number,
): Affine {
  const times = (vector: Vector, by: number): Vector => [vector[0] * by, vector[1] * by, vector[2] * by];
  return affineFromColumns(
    times(alongRow, pixelSpacing[1]),
    times(alongColumn, pixelSpacing[0]),
    times(normal, sliceMm),
    [13.7, -41.2, 88.8],
  );
}

/** Reduces every slice of a volume. */
function reduced(
  data: Int16Array,
  plan: InPlanePlan,
  slices: number,
  level: number,
): Int16Array | Float32Array {
  const [columns, rows] = [plan.u.pixels, plan.v.pixels];
  const cells = columns * rows;
  const parts = Array.from({ length: slices }, (_, k) => {
    const values = data.subarray(k * cells, (k + 1) * cells);
    if (level === 0) return reduceSlice(values, plan, 0);
    const band = lowPass({ values: Int32Array.from(values), columns, rows }, level);
    return reduceSlice(Int16Array.from(band.values), plan, level);
  });
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

describe('slices that are reduced as they arrive', () => {
  it('give the working grid what the whole volume gives it, rounded, in every orientation', () => {
    fc.assert(
      fc.property(geometries, fc.integer(), ({ directions, sliceMm, ...size }, seed) => {
        const [alongRow, alongColumn, normal] = directions;
        const geometry = { ...size, alongRow, alongColumn };
        const slices = 5;
        const random = seededRandom(seed);
        const data = Int16Array.from(
          { length: size.columns * size.rows * slices },
          () => 2000 * random() - 1000,
        );
        const voxelToLps = affineOf(geometry, normal, sliceMm);
        const volume = { dims: [size.columns, size.rows, slices] as const, voxelToLps, data };
        const plan = planInPlane(headerOf(geometry), SAMPLING)!;
        const small = {
          ...volume,
          data: reduced(data, plan, slices, 0),
          reduced: reducedVoxels(plan, slices, voxelToLps),
        };
        const grid = workingGrid(volume, SAMPLING.spacingMm);
        for (const [layer, antialias] of [
          ['points', false],
          ['means', true],
        ] as const) {
          const options = { outside: OUTSIDE, antialias };
          const whole = resample(volume, grid, options);
          const quick = resample(voxelsOf(small, layer), grid, options);
          for (const [voxel, value] of whole.entries())
            expect(Math.abs((quick[voxel] ?? NaN) - value)).toBeLessThan(0.51);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keep a ramp at its place at a lower resolution level, up to the last pixels', () => {
    fc.assert(
      fc.property(
        geometries,
        fc.integer({ min: -8, max: 8 }),
        fc.integer({ min: -8, max: 8 }),
        ({ directions, sliceMm, ...size }, a, b) => {
          const [alongRow, alongColumn, normal] = directions;
          const geometry = { ...size, alongRow, alongColumn };
          const plan = planInPlane(headerOf(geometry), SAMPLING)!;
          const slices = 3;
          const data = Int16Array.from({ length: size.columns * size.rows * slices }, (_, n) => {
            const cell = n % (size.columns * size.rows);
            return a * (cell % size.columns) + b * Math.floor(cell / size.columns);
          });
          const level = Math.max(1, plan.level);
          const voxelToLps = affineOf(geometry, normal, sliceMm);
          const values = reduced(data, plan, slices, level);
          // The band is a ramp up to its last samples; a voxel of the grid reaches a few of them.
          const margin = 4 * 2 ** level;
          const { layers, u, v } = plan;
          for (const layer of layers.keys())
            for (let n = 0; n < u.samples * v.samples; n += 1) {
              const i = u.offset + u.scale * (n % u.samples);
              const j = v.offset + v.scale * Math.floor(n / u.samples);
              const isInside =
                i > margin && j > margin && i < size.columns - margin && j < size.rows - margin;
              const found = values[layer * u.samples * v.samples + n] ?? NaN;
              if (isInside) expect(Math.abs(found - (a * i + b * j))).toBeLessThan(0.51);
            }
          const { dims, voxelToLps: small } = reducedVoxels(plan, slices, voxelToLps);
          expect(dims).toEqual([u.samples, v.samples, slices]);
          expect(small).toEqual(
            compose(
              voxelToLps,
              affineFromColumns([u.scale, 0, 0], [0, v.scale, 0], [0, 0, 1], [u.offset, v.offset, 0]),
            ),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep a constant up to the outer faces at any level', () => {
    const geometry = {
      columns: 51,
      rows: 46,
      alongRow: [1, 0, 0],
      alongColumn: [0, -1, 0],
      pixelSpacing: [0.7, 0.6],
    } as const;
    const plan = planInPlane(headerOf(geometry), SAMPLING)!;
    const data = new Int16Array(51 * 46).fill(-333);
    for (const level of [0, 1, 2, 3]) expect(new Set(reduced(data, plan, 1, level))).toEqual(new Set([-333]));
  });

  it('stay floats where values have fractions', () => {
    const geometry = {
      columns: 40,
      rows: 40,
      alongRow: [1, 0, 0],
      alongColumn: [0, 1, 0],
      pixelSpacing: [0.5, 0.5],
    } as const;
    const plan = planInPlane(headerOf(geometry), SAMPLING)!;
    const values = reduceSlice(new Float32Array(1600).fill(0.25), plan, 0);
    expect(values).toBeInstanceOf(Float32Array);
    expect(new Set(values)).toEqual(new Set([0.25]));
    expect(() => reduceSlice(new Int16Array(1599), plan, 0)).toThrow('1599 values');
  });
});

describe('planInPlane', () => {
  const geometry = {
    columns: 512,
    rows: 512,
    alongRow: [1, 0, 0],
    alongColumn: [0, 1, 0],
    pixelSpacing: [0.7, 0.7],
  } as const;

  it('keeps the samples of the working grid, and says which resolution levels are too fine for it', () => {
    const plan = planInPlane(headerOf(geometry), SAMPLING)!;
    expect(plan.u).toMatchObject({ pixels: 512, samples: 179 });
    expect(plan.layers).toEqual(['points', 'means']);
    expect(plan.level).toBe(1);
    expect(planInPlane(headerOf(geometry), { ...SAMPLING, antialias: true })?.layers).toEqual(['means']);
    expect(planInPlane(headerOf({ ...geometry, pixelSpacing: [0.3, 0.3] }), SAMPLING)?.level).toBe(2);
  });

  it.each([
    ['MR', headerOf(geometry, 'MR')],
    [
      'slices oblique to the patient',
      headerOf({ ...geometry, alongRow: [0.9999, 0.0141, 0], alongColumn: [-0.0141, 0.9999, 0] }),
    ],
    ['pixels as coarse as the grid', headerOf({ ...geometry, pixelSpacing: [2, 2] })],
    ['pixels that no scanner makes', headerOf({ ...geometry, pixelSpacing: [1e-9, 0.7] })],
    ['few pixels to save', headerOf({ ...geometry, pixelSpacing: [1.7, 1.7] })],
  ])('keeps all pixels of %s', (_name, header) => {
    expect(planInPlane(header, SAMPLING)).toBeUndefined();
  });
});
