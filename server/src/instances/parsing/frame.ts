import type { ErrorCode, ErrorFields } from '../../errors/index.ts';
import type { InstanceIdentity, SliceSource, VolumeModality } from '../../volume/types.ts';
import type { EncodedFrame } from '../../codecs/types.ts';
import type { Vector } from '../../geometry/index.ts';
import type { InPlanePlan } from '../../resampling/reduction/types.ts';

/** Everything about a frame except its pixels. */
export interface FrameHeader {
  readonly source: SliceSource;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly modality: VolumeModality;
  /** BodyPartExamined. */
  readonly bodyPart?: string;
  readonly columns: number;
  readonly rows: number;
  /** Centre of the first pixel, LPS mm. */
  readonly position: Vector;
  /** Unit vector in which the column index grows (first triplet of ImageOrientationPatient). */
  readonly alongRow: Vector;
  /** Unit vector in which the row index grows (second triplet). */
  readonly alongColumn: Vector;
  /** PixelSpacing: mm between rows, mm between columns. */
  readonly pixelSpacing: readonly [number, number];
  /** Attributes that distinguish phases, echoes and time points, to explain slices at the same place. */
  readonly traits: Readonly<Record<string, string>>;
}

/** A frame ready to be decoded. */
export interface ParsedFrame {
  readonly header: FrameHeader;
  readonly encoded: EncodedFrame;
}

/**
 * An image that is no slice: it lacks a place, is in colour, or is not in units of its modality. One among many slices is
 * omitted; of a series of them this is the error.
 */
export interface OddImage {
  readonly code: ErrorCode;
  readonly fields: ErrorFields<ErrorCode>;
}

/** An instance that holds no slice of the volume, or how many of its frames are localizers. */
export interface Omitted {
  readonly localizers: number;
  /** Kinds of other instances, e.g. "structured report". */
  readonly objects: readonly string[];
  readonly odd: readonly OddImage[];
}

/** What was found in the code streams of an instance, and can be read all the same. */
export interface Remark {
  readonly code: 'volume/no-end-marker' | 'volume/stream-differs';
  readonly found: string;
}

/** What one instance gave. */
export interface ParsedInstance {
  readonly identity: InstanceIdentity;
  readonly frames: readonly ParsedFrame[];
  readonly omitted: Omitted;
  /** One of a kind at most. */
  readonly remarks: readonly Remark[];
}

/** Pixels of a frame. */
export interface DecodedFrame {
  /** Modality values, row by row, or the layers of a reduced slice. */
  readonly values: Int16Array | Float32Array;
  /** Of all modality values, whether reduced or not: what a content digest is made of. */
  readonly checksum: readonly (string | number)[];
}

/** A frame that was decoded with its instance, or is still to be. */
export type ReadFrame = ParsedFrame | ({ readonly header: FrameHeader } & DecodedFrame);

/** What a thread made of one instance. */
export interface ReadInstance {
  readonly identity: InstanceIdentity;
  /** Checksum of the file as it was sent. */
  readonly encoded: string;
  /** Digest of the decoded frames; absent where they are still to be decoded. */
  readonly digest?: string;
  /** Finest resolution levels that the frames omit. */
  readonly level?: number;
  /** What is kept of each slice; absent where all pixels are. */
  readonly plan?: InPlanePlan;
  readonly frames: readonly ReadFrame[];
  readonly omitted: Omitted;
  readonly remarks: readonly Remark[];
}
