/** Matches and tracks as the papers have them, on crops of two scans of a phantom. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { distanceMm } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { toCsv } from '../points/index.ts';
import { moved, POINTS, runIn, writeScans } from './testing/scans.ts';

/** Real processes and threads start here; on a busy machine that is slow. */
jest.setTimeout(180_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-papers-'));
  await writeScans(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const inFolder = (name: string): string => join(folder, name);
const run = (...args: readonly string[]): ReturnType<typeof runIn> => runIn(folder, ...args);

describe('samepoint match', () => {
  interface Answer {
    readonly query: { readonly lps: LpsPoint };
    readonly fixedPoints?: readonly { readonly weights: readonly number[] }[];
  }
  const matched = async (...options: readonly string[]): Promise<Answer> => {
    const series = [inFolder('patient/current'), inFolder('patient/prior')];
    const { status, out, err } = await run(
      'match',
      ...series,
      `--point=${POINTS[0]!.lps.join(',')}`,
      ...options,
    );
    expect({ status, err: err.includes('error') }).toEqual({ status: 0, err: false });
    return (JSON.parse(out) as { matches: { match: Answer }[] }).matches[0]!.match;
  };

  it('searches for the voxel that the released code would', async () => {
    const plain = await matched('--method', 'nearest');
    const original = await matched('--method', 'nearest', '--preset', 'original');
    expect(distanceMm(plain.query.lps, POINTS[0]!.lps)).toBe(0);
    // Half a fine voxel and half a voxel of the series, at most 5 mm here, along each axis.
    expect(distanceMm(original.query.lps, POINTS[0]!.lps)).toBeGreaterThan(0.1);
    expect(distanceMm(original.query.lps, POINTS[0]!.lps)).toBeLessThan(7 * Math.sqrt(3));
  });

  it('gives the fixed points on request only', async () => {
    expect((await matched('--method', 'structural')).fixedPoints).toBeUndefined();
    const { fixedPoints = [] } = await matched('--method', 'structural', '--fixed-points');
    expect(fixedPoints.length).toBeGreaterThan(3);
    for (const { weights } of fixedPoints) expect(weights).toHaveLength(3);
  });
});

describe('samepoint track', () => {
  it('measures as the papers do, where the true places are known', async () => {
    const args = [
      'track',
      inFolder('patient/current'),
      inFolder('patient/prior'),
      '--lesions',
      inFolder('points.csv'),
    ];
    const { lesions } = JSON.parse((await run(...args)).out) as {
      readonly lesions: readonly {
        readonly lesion: string;
        readonly match: { readonly target: { readonly lps: LpsPoint } };
      }[];
    };
    // 5, 12 and 0 mm beside the answers.
    const offsets = [[3, 0, 4], [0, -12, 0], [0, 0, 0]] as const; // prettier-ignore
    const rows = lesions.map(({ lesion: name, match }, n) => [name, ...moved(match.target.lps, offsets[n]!)]);
    await writeFile(inFolder('truth.csv'), toCsv(['name', 'x', 'y', 'z'], rows));
    const { out } = await run(...args, '--truth', inFolder('truth.csv'), '--out', inFolder('tracked.csv'));
    const { measures } = JSON.parse(out) as { readonly measures: Readonly<Record<string, number>> };
    const expected = {
      n: 3,
      failed: 0,
      medMm: 17 / 3,
      medSdMm: Math.sqrt(218 / 9),
      xMm: 1,
      yMm: 4,
      zMm: 4 / 3,
      cpm10: 2 / 3,
    };
    for (const [name, value] of Object.entries(expected)) expect(measures[name]).toBeCloseTo(value, 3);
    const refused = await run(...args, '--truth', inFolder('truth.csv'), '--truth', inFolder('truth.csv'));
    expect(refused.err).toContain('--truth: is given 2 times; there are 1 later series');
  });
});
