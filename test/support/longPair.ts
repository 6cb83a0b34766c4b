/**
 * The demo's patient in slices of a quarter of a millimetre: a current and a prior scan of so many images as a scanner makes of a whole
 * body, each of them small.
 * @module
 */
import { toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { Lps } from './api.ts';
import type { Dicomweb } from './dicomweb.ts';
import { resliced } from './variations.ts';

/** Of the demo's patient, whose true map is known. */
const SEED = 1;
/** 64 x 64 pixels of 5.6 mm. */
const COARSENESS = 4;

/** A series of thin slices. */
export type LongSeries = Pick<
  Volume,
  'studyInstanceUid' | 'seriesInstanceUid' | 'frameOfReferenceUid' | 'voxelToLps' | 'dims'
>;

/** Stores current and prior scan of the patient with so many slices each. */
export async function storeLongPair(
  dicomweb: Dicomweb,
  slices: number,
): Promise<readonly [current: LongSeries, prior: LongSeries]> {
  const phantom = createPhantom({ seed: SEED, coarseness: COARSENESS });
  const { patientId, patientName } = phantom;
  const store = async (index: 0 | 1): Promise<LongSeries> => {
    const { volume, ...study } = phantom.timePoints[index];
    // A little less, so that rounding does not cost the last slice.
    const sliceMm = (volume.dims[2] * volume.voxelToLps[10]) / (slices + 0.5);
    const thin = resliced(volume, sliceMm).volume;
    await dicomweb.store(writeSeries(thin, { ...study, patientId, patientName }));
    return thin;
  };
  return [await store(0), await store(1)];
}

/** The middle of a slice, LPS mm. */
export function middleOf({ voxelToLps, dims: [columns, rows] }: LongSeries, slice: number): Lps {
  const [x, y, z] = toLps(voxelToLps, voxelIndex((columns - 1) / 2, (rows - 1) / 2, slice));
  return [x, y, z];
}
