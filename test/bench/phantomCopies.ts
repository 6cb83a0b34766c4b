/**
 * The phantom patient's two scans, stored again and again under new UIDs: as many series as a busy day has, whose anatomy is known.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import type { Lps, SeriesRef } from '../support/api.ts';
import type { Dicomweb } from '../support/dicomweb.ts';

/** Voxels relative to the full phantom: what is embedded is as large, what is fetched is a fraction. */
const COARSENESS = 2;

/** Series of one patient, and places in the current ones that are in the priors, too. */
export interface PhantomCopies {
  readonly currents: readonly SeriesRef[];
  readonly priors: readonly SeriesRef[];
  readonly points: readonly Lps[];
}

function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** Stores so many copies of either scan. */
export async function storePhantomCopies(dicomweb: Dicomweb, copies: number): Promise<PhantomCopies> {
  const phantom = createPhantom({ seed: 1, coarseness: COARSENESS });
  const { patientId, patientName } = phantom;
  const store = async (index: 0 | 1): Promise<SeriesRef> => {
    const { volume, ...study } = phantom.timePoints[index];
    const ids = { studyInstanceUid: newUid(), seriesInstanceUid: newUid() };
    const slices = volume.slices.map((slice) => ({ ...slice, sopInstanceUid: newUid() }));
    const copy = { ...volume, ...ids, frameOfReferenceUid: newUid(), slices };
    await dicomweb.store(writeSeries(copy, { ...study, patientId, patientName }));
    return ids;
  };
  const [currents, priors]: [SeriesRef[], SeriesRef[]] = [[], []];
  for (let copy = 0; copy < copies; copy++) {
    currents.push(await store(0));
    priors.push(await store(1));
  }
  const inBoth = phantom.lesions.filter(({ presentIn }) => presentIn.length === 2);
  return { currents, priors, points: inBoth.map(({ currentLps: [x, y, z] }): Lps => [x, y, z]) };
}
