import { createHash } from 'node:crypto';
import { distanceMm, invert, perAxis, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Volume } from '../volume/types.ts';
import { LESIONS, TIME_POINTS } from './lesions.ts';
import { createPhantom } from './phantom.ts';
import type { Phantom, PhantomTimePoint } from './types.ts';

/** Voxels three times as large: fast, and every lesion still spans several. */
const COARSENESS = 3;
let phantom: Phantom;
beforeAll(() => {
  phantom = createPhantom({ seed: 1, coarseness: COARSENESS });
});

function at(volume: Volume, point: LpsPoint): number {
  const index = toVoxel(invert(volume.voxelToLps), point);
  const [i, j, k] = perAxis((axis) => Math.round(index[axis]));
  return volume.data[i + volume.dims[0] * (j + volume.dims[1] * k)]!;
}

function timePoint(name: PhantomTimePoint['name']): PhantomTimePoint {
  return phantom.timePoints.find((candidate) => candidate.name === name)!;
}

/** Four standard deviations of noise and texture together, HU. */
const TOLERANCE_HU = 60;

describe.each(LESIONS.map((lesion) => [lesion.label, lesion] as const))('%s', (label, spec) => {
  test.each(TIME_POINTS)('shows at its true place in the %s exactly when present', (name) => {
    const truth = phantom.lesions.find((lesion) => lesion.label === label)!;
    const { volume } = timePoint(name);
    const place = truth[`${name}Lps`];
    if (!truth.presentIn.includes(name) && spec.radiusMm[name] !== undefined) {
      expect(place[2]).toBeGreaterThan(volume.voxelToLps[11] + (volume.dims[2] - 1) * volume.voxelToLps[10]);
      return;
    }
    const hu = at(volume, place);
    const shows = Math.abs(hu - spec.tissue.hu) < TOLERANCE_HU + 4 * spec.tissue.grainHu;
    // The liver is only 56 HU brighter than a metastasis: presence there is shown by the sign of the difference.
    const present = truth.presentIn.includes(name);
    if (label.includes('segment 4')) expect(hu < (108 + 52) / 2).toBe(present);
    else expect(shows).toBe(present);
  });
});

test('the truth of both scans agrees with the map between them', () => {
  for (const lesion of phantom.lesions) {
    expect(distanceMm(phantom.toPrior(lesion.currentLps), lesion.priorLps)).toBeLessThan(1e-3);
    expect(distanceMm(phantom.toCurrent(lesion.priorLps), lesion.currentLps)).toBeLessThan(1e-3);
  }
});

test('the scans differ as two scans do', () => {
  const [{ volume: current }, { volume: prior }] = phantom.timePoints;
  expect(current.frameOfReferenceUid).not.toBe(prior.frameOfReferenceUid);
  expect(current.studyInstanceUid).not.toBe(prior.studyInstanceUid);
  expect(current.seriesInstanceUid).not.toBe(prior.seriesInstanceUid);
  expect(current.voxelToLps[10]).toBeCloseTo(2.5 * COARSENESS, 12);
  expect(prior.voxelToLps[10]).toBeCloseTo(3 * COARSENESS, 12);
});

test('ten lesions: four as before, one grown, one shrunken, one gone, two new, one out of view', () => {
  const changes = phantom.lesions.map(({ presentIn, radiusMm }) => {
    const [isNow, wasThere] = [presentIn.includes('current'), presentIn.includes('prior')];
    if (!isNow) return radiusMm.current === undefined ? 'gone' : 'out of view';
    if (!wasThere) return 'new';
    const ratio = (radiusMm.current ?? NaN) / (radiusMm.prior ?? NaN);
    return ratio > 1.3 ? 'grown' : ratio < 1 / 1.3 ? 'shrunken' : 'as before';
  });
  const count = (change: string): number => changes.filter((one) => one === change).length;
  expect(['as before', 'grown', 'shrunken', 'gone', 'new', 'out of view'].map(count)).toEqual([
    4, 1, 1, 1, 2, 1,
  ]);
});

test('it has the HU of a patient: air, fat, soft tissue and bone in plausible shares', () => {
  const values = Array.from(timePoint('current').volume.data);
  const share = (low: number, high: number) =>
    values.filter((hu) => hu >= low && hu < high).length / values.length;
  expect(share(-1100, -950)).toBeGreaterThan(0.2);
  expect(share(-950, -700)).toBeGreaterThan(0.05);
  expect(share(-150, -60)).toBeGreaterThan(0.08);
  expect(share(0, 220)).toBeGreaterThan(0.15);
  expect(share(300, 1500)).toBeGreaterThan(0.008);
});

test('the same seed gives the same phantom, another seed another', () => {
  const digest = (seed: number) => {
    const { timePoints, lesions } = createPhantom({ seed, coarseness: 8 });
    const hash = createHash('sha256');
    for (const { volume } of timePoints) {
      hash
        .update(new Uint8Array(volume.data.buffer))
        .update(JSON.stringify([volume.slices, volume.seriesInstanceUid]));
    }
    return hash.update(JSON.stringify(lesions)).digest('hex');
  };
  expect(digest(4)).toBe(digest(4));
  expect(digest(4)).not.toBe(digest(5));
});
