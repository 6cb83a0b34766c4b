import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { PreviewImage } from '../../embedding/types.ts';
import {
  affineFromColumns,
  compose,
  distanceMm,
  invert,
  lpsPoint,
  toLps,
  voxelIndex,
} from '../../geometry/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { planeWaves } from '../pool/syntheticEmbedding.ts';
import { previewPoints } from './index.ts';

/** Registering lasts 0.1 s; longer on a machine under load. */
jest.setTimeout(120_000);

/** Coarser than real preview images: a test need not be exact to be strict. */
const MM = 12;
const STILL = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
const TEXTURE = planeWaves(8, 220, 3);

/** HU of a trunk along S: an ellipse that grows and shrinks, with organs of 100 to 200 mm. */
function anatomy([x, y, z]: LpsPoint): number {
  const width = 1 + 0.15 * Math.sin(z / 90);
  if ((x / (150 * width)) ** 2 + (y / (100 * width)) ** 2 > 1) return -1000;
  const [a = 0, b = 0, c = 0, d = 0] = TEXTURE(lpsPoint(x, y, z));
  return -100 + 500 * (a + b + c + d);
}

interface Scan {
  readonly from?: number;
  readonly slices?: number;
  /** LPS of this scan to the anatomy. */
  readonly toAnatomy?: Affine;
  readonly modality?: 'CT' | 'MR';
  readonly name?: string;
}

function scan({
  from = -150,
  slices = 27,
  toAnatomy = STILL,
  modality = 'CT',
  name = '1',
}: Scan): PreviewImage {
  const dims = [32, 24, slices] as const;
  const voxelToLps = affineFromColumns([MM, 0, 0], [0, MM, 0], [0, 0, MM], [-186, -138, from]);
  const [values, bodyMask] = [new Int16Array(32 * 24 * slices), new Uint8Array(32 * 24 * slices)];
  for (let voxel = 0; voxel < values.length; voxel++) {
    const index = voxelIndex(voxel % 32, Math.floor(voxel / 32) % 24, Math.floor(voxel / 32 / 24));
    const hounsfield = anatomy(applyTo(toAnatomy, toLps(voxelToLps, index)));
    values[voxel] = Math.round(hounsfield);
    bodyMask[voxel] = hounsfield > -1000 ? 1 : 0;
  }
  const slice = (k: number) => ({ sopClassUid: '1.2', sopInstanceUid: `1.2.${name}.${k}` });
  return {
    image: { grid: { dims, voxelToLps }, values, scale: 1 },
    bodyMask,
    volume: {
      dims,
      voxelToLps,
      slices: Array.from({ length: slices }, (_, k) => slice(k)),
      studyInstanceUid: `1.${name}`,
      seriesInstanceUid: `1.2.${name}`,
      frameOfReferenceUid: `1.3.${name}`,
      modality,
      warnings: [],
    },
  };
}

const QUERY = scan({});
const POINTS = [lpsPoint(0, 0, 0), lpsPoint(-60, 30, 40), lpsPoint(70, -20, -60)];
const requested = POINTS.map((lps, n) => ({ id: `p${n}`, lps }));

/** Errors of the preview of a scan against the anatomy, mm; the query is the anatomy itself. */
async function errors(
  target: Scan,
): Promise<{ readonly mm: readonly number[]; readonly radii: readonly number[] }> {
  const outcomes = await previewPoints({
    query: scan({}),
    target: scan({ ...target, name: '2' }),
    points: requested,
  });
  const fromAnatomy = invert(target.toAnatomy ?? STILL);
  const matches = outcomes.map((outcome) => (outcome.ok ? outcome.match : undefined));
  return {
    mm: matches.map((match, n) => distanceMm(match!.target.lps, applyTo(fromAnatomy, POINTS[n]!))),
    radii: matches.map((match) => match!.errorRadiusMm),
  };
}

describe('previewPoints', () => {
  it('finds points again after a shift, a turn and a stretch, within the radius that it names', async () => {
    const offsets = fc.integer({ min: -90, max: 90 });
    await fc.assert(
      fc.asyncProperty(
        offsets,
        offsets,
        fc.double({ min: -0.08, max: 0.08, noNaN: true }),
        async (x, z, turn) => {
          const [c, s] = [Math.cos(turn), Math.sin(turn)];
          const turned = affineFromColumns([1.04 * c, s, 0], [-s, 0.97 * c, 0], [0, 0, 1.03], [0, 0, 0]);
          const toAnatomy = compose(
            turned,
            affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [x / 3, 0, z]),
          );
          const { mm, radii } = await errors({ toAnatomy, from: -150 - z });
          expect(mm).toHaveLength(3);
          mm.forEach((error, n) => {
            expect(error).toBeLessThan(radii[n]!);
          });
        },
      ),
      { numRuns: 4 },
    );
  });

  it('finds the place along the body when the target shows a part of it, under other coordinates', async () => {
    const toAnatomy = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 700]);
    const { mm } = await errors({ toAnatomy, from: -790, slices: 16 });
    expect(Math.max(...mm)).toBeLessThan(MM);
  });

  it('is uncertain, names series and pixel, and counts what lies beyond the target into the radius', async () => {
    const target = scan({ slices: 15, name: '2' });
    const [inside, beyond] = await previewPoints({
      query: QUERY,
      target,
      points: [
        { id: 'in', lps: lpsPoint(0, 0, -60) },
        { id: 'above', lps: lpsPoint(0, 0, 100) },
      ],
    });
    expect(inside).toMatchObject({
      pointId: 'in',
      ok: true,
      match: {
        method: 'preview',
        step: 'affine',
        verdict: 'uncertain',
        target: { seriesInstanceUid: '1.2.2' },
      },
    });
    // The target ends at -150 + 14.5 * 12 = 24 mm.
    if (!inside?.ok || !beyond?.ok) throw new Error('not both were found');
    expect(beyond.match.target.lps[2]).toBeCloseTo(24, 6);
    expect(beyond.match.errorRadiusMm - inside.match.errorRadiusMm).toBeGreaterThan(76 - MM);
  });

  it('says nothing about another modality, another body, or points outside of the body', async () => {
    const query = QUERY;
    expect(await previewPoints({ query, target: scan({ modality: 'MR' }), points: requested })).toEqual([]);
    const noise = scan({});
    noise.image.values.forEach((_, voxel) => (noise.image.values[voxel] = ((voxel * 7919) % 1200) - 1000));
    expect(await previewPoints({ query, target: noise, points: requested })).toEqual([]);
    const outside = [
      { id: 'a', lps: lpsPoint(0, 0, 5000) },
      { id: 'b', lps: lpsPoint(0, NaN, 0) },
      { id: 'c', lps: lpsPoint(0, 0, 0), frameOfReferenceUid: '9.9' },
      { id: 'in air', lps: lpsPoint(-180, -130, 0) },
    ];
    expect(await previewPoints({ query, target: query, points: outside })).toEqual([]);
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(previewPoints({ query: QUERY, target: QUERY, points: requested, signal })).rejects.toThrow(
      'enough',
    );
  });

  it('survives a single slice and a body without voxels', async () => {
    const empty = scan({});
    empty.bodyMask.fill(0);
    expect(await previewPoints({ query: QUERY, target: scan({ slices: 1 }), points: requested })).toEqual([]);
    expect(await previewPoints({ query: empty, target: QUERY, points: requested })).toEqual([]);
  });
});
