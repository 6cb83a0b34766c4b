import { randomUUID } from 'node:crypto';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import type { Phantom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { Lps, SeriesRef } from './api.ts';
import type { Dicomweb } from './dicomweb.ts';

/** Voxels five times as large as the demo's: a series of a few dozen kilobytes a slice, embedded in a second. */
const COARSENESS = 5;
/** Slices of the middle of the trunk: enough for a volume, few enough to be quick. */
const SLICES = 14;

/** How a copy of a series differs. */
export interface Variation {
  readonly patientId?: string;
  readonly modality?: string;
  readonly slices?: number;
  /** UIDs of another series that it uses, those of the instances included. */
  readonly uids?: StoredSeries;
  /** What becomes of the voxels and their places. */
  readonly change?: (volume: Volume) => Volume;
}

/** UIDs of a stored series. */
export interface StoredSeries extends SeriesRef {
  readonly frameOfReferenceUid: string;
  readonly sopInstanceUids: readonly string[];
}

function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** The slices from `first` on, as a series of its own, in a study of its own. */
export function slab(volume: Volume, first: number, count: number): Volume {
  const [columns, rows] = volume.dims;
  const plane = columns * rows;
  const m = volume.voxelToLps;
  return {
    ...volume,
    dims: [columns, rows, count],
    data: volume.data.slice(first * plane, (first + count) * plane),
    voxelToLps: [m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11] + first * m[10]],
    slices: Array.from({ length: count }, (_, k) => ({
      ...volume.slices[first + k]!,
      sopInstanceUid: newUid(),
    })),
    studyInstanceUid: newUid(),
    seriesInstanceUid: newUid(),
    frameOfReferenceUid: newUid(),
  };
}

/** A small phantom patient whose prior can be stored again and again as a new series. */
export class SmallPatient {
  readonly #dicomweb: Pick<Dicomweb, 'store'>;
  readonly #phantom: Phantom = createPhantom({ seed: 1, coarseness: COARSENESS });
  /** By Series Instance UID. */
  readonly #stored = new Map<string, StoredSeries>();

  constructor(dicomweb: Pick<Dicomweb, 'store'>) {
    this.#dicomweb = dicomweb;
  }

  /** A place inside the body of the current series: the metastasis in segment 7 of the liver. */
  get point(): Lps {
    const [x, y, z] = this.#phantom.lesions[3]!.currentLps;
    return [x, y, z];
  }

  /** A place in the volume, but in front of the patient. */
  get pointInAir(): Lps {
    const [x, , z] = this.point;
    return [x, this.#phantom.timePoints[0].volume.voxelToLps[7] + 5, z];
  }

  /** All UIDs of a series that was stored here. */
  uidsOf({ seriesInstanceUid }: SeriesRef): StoredSeries {
    const stored = this.#stored.get(seriesInstanceUid);
    if (stored === undefined) throw new RangeError(`series ${seriesInstanceUid} was not stored here`);
    return stored;
  }

  async storeCurrent(variation: Variation = {}): Promise<SeriesRef> {
    return await this.#store(0, variation);
  }

  /** Stores the prior under new UIDs. */
  async storePrior(variation: Variation = {}): Promise<SeriesRef> {
    return await this.#store(1, variation);
  }

  async #store(index: 0 | 1, variation: Variation): Promise<SeriesRef> {
    const { patientId, modality, slices = SLICES, uids: given, change = unchanged } = variation;
    const { volume, ...study } = this.#phantom.timePoints[index];
    const first = Math.max(0, Math.floor((volume.dims[2] - slices) / 2));
    const own = slab(volume, first, slices);
    const part = change({
      ...own,
      ...(modality === undefined ? {} : { modality }),
      ...(given === undefined ? {} : withUids(own, given)),
    } as Volume);
    const tags = {
      patientId: patientId ?? this.#phantom.patientId,
      patientName: this.#phantom.patientName,
      ...study,
    };
    await this.#dicomweb.store(writeSeries(part, tags));
    const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = part;
    const sopInstanceUids = part.slices.map(({ sopInstanceUid }) => sopInstanceUid);
    const uids = { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, sopInstanceUids };
    this.#stored.set(seriesInstanceUid, uids);
    return { studyInstanceUid, seriesInstanceUid };
  }
}

function unchanged(volume: Volume): Volume {
  return volume;
}

function withUids({ slices }: Volume, { sopInstanceUids, ...uids }: StoredSeries): Partial<Volume> {
  return {
    ...uids,
    slices: slices.map((slice, k) => ({ ...slice, sopInstanceUid: sopInstanceUids[k] ?? newUid() })),
  };
}
