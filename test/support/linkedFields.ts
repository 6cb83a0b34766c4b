import type { Page } from 'playwright-core';
import { encodeField, fieldOf, sampleLattice } from '../../extension/src/linked/testing/encodeField.ts';
import { createPhantom } from '../../server/src/phantom/index.ts';
import type { Phantom } from '../../server/src/phantom/index.ts';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { Lps } from './api.ts';

/** The seed of the demo's patient. */
const DEMO_SEED = 1;
/** The true map does not depend on the voxels: few of them are made. */
const COARSENESS = 12;
/** Of the lattice, mm: the map bends over 80 mm. */
const SPACING_MM = 12;

type End = Pick<Volume, 'studyInstanceUid' | 'seriesInstanceUid' | 'frameOfReferenceUid'>;

/** Around the phantom's own fields of view, mm: its coarse voxels end elsewhere than the fine ones. */
const MARGIN_MM = 40;

/** The map between current and prior study of the demo's patient, as it was made. */
export interface TrueMap {
  toPrior(current: Lps): Lps;
  toCurrent(prior: Lps): Lps;
  /** The bytes of the field from the current to the prior study. */
  readonly field: Uint8Array;
}

const point = ([x, y, z]: Lps): LpsPoint => lpsPoint(x, y, z);

function boxOf({ dims, voxelToLps }: Phantom['timePoints'][number]['volume']): { min: Lps; max: Lps } {
  const at = (share: number, margin: number): Lps => {
    const [i, j, k] = [0, 1, 2].map((axis) => share * ((dims[axis] ?? 1) - 1));
    const along = (axis: number): number =>
      (voxelToLps[4 * axis] ?? 0) * (i ?? 0) +
      (voxelToLps[4 * axis + 1] ?? 0) * (j ?? 0) +
      (voxelToLps[4 * axis + 2] ?? 0) * (k ?? 0) +
      (voxelToLps[4 * axis + 3] ?? 0);
    return [along(0) + margin, along(1) + margin, along(2) + margin];
  };
  return { min: at(0, -MARGIN_MM), max: at(1, MARGIN_MM) };
}

/** The true map of the demo's patient. @param series of which the field speaks; those of the demo where absent */
export function trueMapOfDemo(series?: readonly [current: End, prior: End]): TrueMap {
  const phantom = createPhantom({ seed: DEMO_SEED, coarseness: COARSENESS });
  const [current, prior] = phantom.timePoints.map(({ volume }) => volume);
  const toPrior = (lps: Lps): Lps => phantom.toPrior(point(lps));
  const toCurrent = (lps: Lps): Lps => phantom.toCurrent(point(lps));
  const lattice = (volume: typeof current, map: (lps: Lps) => Lps) =>
    sampleLattice({ ...boxOf(volume!), spacingMm: SPACING_MM, map });
  const [query, target] = (series ?? [current!, prior!]).map(
    ({ studyInstanceUid, seriesInstanceUid, frameOfReferenceUid }): End => ({
      studyInstanceUid,
      seriesInstanceUid,
      frameOfReferenceUid,
    }),
  );
  const field = encodeField(
    fieldOf({
      query: query!,
      target: target!,
      forward: lattice(current, toPrior),
      inverse: lattice(prior, toCurrent),
    }),
  );
  return { toPrior, toCurrent, field };
}

/** True for a server that computes fields itself. */
export async function hasFields(server: string): Promise<boolean> {
  const response = await fetch(new URL('/samepoint/api/fields', server), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return response.status !== 404;
}

/** Answers requests of the page for a field with these bytes. */
export async function answerFields(page: Page, field: Uint8Array): Promise<void> {
  await page.route('**/samepoint/api/fields', async (route) => {
    await route.fulfill({
      status: 200,
      contentType: 'application/vnd.samepoint.field',
      body: Buffer.from(field),
    });
  });
}
