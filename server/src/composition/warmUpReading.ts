import { Readable } from 'node:stream';
import { affineFromColumns } from '../geometry/index.ts';
import type { FrameDecoder } from '../instances/index.ts';
import type { Model } from '../model/index.ts';
import { writeSeries } from '../phantom/index.ts';
import { warmUpTask } from '../preprocessing/index.ts';
import { readVolume } from '../volumeAssembly/index.ts';
import type { Volume } from '../volume/types.ts';

/** CT Image Storage, PS3.4 B.5. */
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
/** Pixels are so much finer than the grid of the model: slices are reduced to it, as those of a patient are. */
const FINER = 3;
/** What a series says of its patient. */
const NO_PATIENT = {
  ...{ patientId: '', patientName: '' },
  ...{ studyDate: '', studyTime: '', studyDescription: '', seriesDescription: '' },
};

/**
 * Reads a CT that no patient ever was: the first reader does not wait until the code that parses, decodes and stacks slices is compiled
 * (measured: 0.35 s of a first pair of 400 slices each). A model that reads no CT needs none of it.
 */
export async function warmUpReading(
  decoder: FrameDecoder,
  { manifest: { input }, manifest }: Pick<Model, 'manifest'>,
): Promise<Volume | undefined> {
  const { volume } = warmUpTask(manifest);
  if (volume.modality !== 'CT') return undefined;
  const mm = input.spacingMm / FINER;
  const series = {
    ...volume,
    ...{ studyInstanceUid: '2.25.1', seriesInstanceUid: '2.25.2', frameOfReferenceUid: '2.25.3' },
    voxelToLps: affineFromColumns([mm, 0, 0], [0, mm, 0], [0, 0, mm], [0, 0, 0]),
    slices: Array.from({ length: volume.dims[2] }, (_, slice) => ({
      sopClassUid: CT_IMAGE,
      sopInstanceUid: `2.25.2.${String(slice + 1)}`,
    })),
    warnings: [],
  };
  return await readVolume(Readable.from(writeSeries(series, NO_PATIENT)), { decoder, sampling: input });
}
