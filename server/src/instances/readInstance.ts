import { otherForm } from './likeness.ts';
import { omissibleLevelsOf, sizeAtLevel } from '../codecs/index.ts';
import { errorFrom, SamepointError } from '../errors/index.ts';
import { ContentDigest, encodedDigest, valuesChecksum } from './contentDigest.ts';
import type { DecodedFrame, FrameHeader, ParsedFrame, ReadFrame, ReadInstance } from './parsing/frame.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import type { ParseLimits } from './parsing/parseInstance.ts';
import { planInPlane } from './reduction/plan.ts';
import type { InPlanePlan, Sampling } from '../resampling/reduction/types.ts';
import type { EncodedFrame } from '../codecs/types.ts';

/** How an instance is to be read. */
export interface ReadTask {
  /** Number of the instance in the stream, 1-based, for messages. */
  readonly instance: number;
  readonly limits: ParseLimits;
  /** The grid that the series is read for: the first image decides what is kept of all. */
  readonly sampling?: Sampling;
  /** What is kept of each slice, as the first image has decided. */
  readonly plan?: InPlanePlan;
  /** Finest resolution levels to omit, to compare an instance with one that was read so. */
  readonly level?: number;
}

/** Reads instances and decodes frames in worker threads. May be shared by many reads; must be closed. */
export interface FrameDecoder {
  /** Frames that are decoded at the same time. */
  readonly threads: number;
  /**
   * Parses a Part 10 file, and decodes it where it has one frame.
   * @param isGiven the bytes are handed over, without a copy; else they are copied.
   * @throws SamepointError of the volume/ catalogue
   */
  read(part10: Uint8Array, task: ReadTask, isGiven?: boolean): Promise<ReadInstance>;
  /**
   * Modality values of one frame, row by row: Int16Array where every value is integral and fits, else Float32Array.
   * @param plan what is kept of them; all by default
   * @throws Error with the codec's reason where the code stream is damaged or does not match the format.
   */
  decode(frame: EncodedFrame, plan?: InPlanePlan): Promise<DecodedFrame>;
  close(): Promise<void>;
}

/** Decodes one frame in the calling thread, all its modality values. Transient ones may be overwritten by the next frame's. */
export type DecodeValues = (frame: EncodedFrame, isTransient: boolean) => Promise<Int16Array | Float32Array>;

/** Decodes a frame, and keeps of it what the plan says. */
export async function decodePlanned(
  frame: EncodedFrame,
  plan: InPlanePlan | undefined,
  decode: DecodeValues,
): Promise<DecodedFrame> {
  const { level = 0, format } = frame;
  const values = await decode(frame, plan !== undefined);
  const checksum = valuesChecksum(values, sizeAtLevel(format.columns, level), level);
  if (plan === undefined) return { values, checksum };
  // Only here: a thread that keeps all values starts without the resampling code.
  const { reduceSlice } = await import('../resampling/reduction/index.ts');
  return { values: reduceSlice(values, plan, level), checksum };
}

/** Levels that the frames of an instance omit: as many as all of them can. */
function levelOf(frames: readonly ParsedFrame[], most: number): number {
  return Math.min(most, ...frames.map(({ encoded }) => omissibleLevelsOf(encoded)));
}

/**
 * Parses an instance, and decodes it where it has a single frame. The frames of a multi-frame instance stay encoded, so that
 * several threads share them.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readPart10(
  bytes: Uint8Array,
  task: ReadTask,
  decode: DecodeValues,
): Promise<ReadInstance> {
  const { identity, frames: parsed, ...beside } = parseInstance(bytes, task.instance, task.limits);
  const found = planOf(task, parsed);
  // Images of another form keep their pixels: which ones are the slices of the series is not known yet.
  const isForAll =
    found !== undefined && parsed.every(({ header }) => otherForm(found.of, header) === undefined);
  const plan = isForAll ? found : undefined;
  const level = task.level ?? (plan === undefined ? 0 : levelOf(parsed, plan.level));
  const frames = level === 0 ? parsed : parsed.map((frame) => atLevel(frame, level));
  const common = {
    identity,
    encoded: encodedDigest(bytes),
    ...beside,
    ...(plan === undefined ? {} : { plan }),
    ...(level === 0 || parsed.length === 0 ? {} : { level }),
  };
  const [only, ...others] = frames;
  if (only === undefined) return { ...common, digest: new ContentDigest().toString(), frames };
  if (others.length > 0) return { ...common, frames };
  const decoded = await decodeAs(only.header, () => decodePlanned(only.encoded, plan, decode));
  const digest = new ContentDigest();
  digest.add(only.header, decoded);
  return { ...common, digest: digest.toString(), frames: [{ header: only.header, ...decoded }] };
}

function planOf({ plan, sampling }: ReadTask, [first]: readonly ParsedFrame[]): InPlanePlan | undefined {
  if (first === undefined) return undefined;
  return plan ?? (sampling === undefined ? undefined : planInPlane(first.header, sampling));
}

function atLevel(frame: ParsedFrame, level: number): ParsedFrame {
  return { ...frame, encoded: { ...frame.encoded, level } };
}

/** Values of a frame. @throws SamepointError volume/corrupt-pixel-data */
export async function decodedOf(
  frame: ReadFrame,
  decoder: FrameDecoder,
  plan?: InPlanePlan,
): Promise<DecodedFrame> {
  if ('values' in frame) return frame;
  return await decodeAs(frame.header, () => decoder.decode(frame.encoded, plan));
}

async function decodeAs({ source }: FrameHeader, decode: () => Promise<DecodedFrame>): Promise<DecodedFrame> {
  try {
    return await decode();
  } catch (thrown) {
    const { sopInstanceUid, frameNumber = 0 } = source;
    const fields = { sopInstanceUid, frameNumber, reason: errorFrom(thrown).message };
    throw new SamepointError('volume/corrupt-pixel-data', fields, { cause: thrown });
  }
}
