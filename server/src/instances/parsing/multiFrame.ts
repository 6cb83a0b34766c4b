/**
 * Enhanced multi-frame CT, MR and PET: one reader per frame, over its functional groups (PS3.3 C.7.6.16).
 * @module
 */
import { parserTagOf } from '../../dicom/index.ts';
import type { DataSet } from 'dicom-parser';
import { SamepointError } from '../../errors/index.ts';
import { AttributeReader } from './attributes.ts';
import type { FrameHeader } from './frame.ts';
import { isMultiFrameClass } from './sopClasses.ts';

/** Slices of a volume: four times those of the longest whole-body CT at 0.5 mm. Each has a header of some kilobytes. */
export const MAX_SLICES = 2 ** 14;

/** A frame of an instance; frameNumber is undefined for single-frame instances. */
export interface FrameReader {
  readonly reader: AttributeReader;
  readonly frameNumber?: number;
}

/** @throws SamepointError volume/missing-attribute, volume/invalid-attribute */
export function frameReaders(dataSet: DataSet, root: AttributeReader): readonly FrameReader[] {
  if (!isMultiFrameClass(root.requiredText('SOPClassUID'))) {
    const frames = root.text('NumberOfFrames') ?? '1';
    if (Number(frames) !== 1) root.invalid('NumberOfFrames', frames, 'this SOP class has one frame');
    return [{ reader: root }];
  }
  const frames = frameCount(root);
  const items = dataSet.elements[parserTagOf('PerFrameFunctionalGroupsSequence')]?.items;
  if (items === undefined) return root.missing('PerFrameFunctionalGroupsSequence');
  if (items.length !== frames || frames < 1) {
    root.invalid(
      'NumberOfFrames',
      String(frames),
      `there are functional groups of ${String(items.length)} frames`,
    );
  }
  const shared = dataSet.elements[parserTagOf('SharedFunctionalGroupsSequence')]?.items?.[0]?.dataSet;
  return items.map((item, index) => ({
    reader: new AttributeReader(
      dataSet,
      [item.dataSet, shared].filter((group) => group !== undefined),
    ),
    frameNumber: index + 1,
  }));
}

function frameCount(root: AttributeReader): number {
  const [frames = 0] = root.requiredDecimals('NumberOfFrames', 1);
  if (frames <= MAX_SLICES) return frames;
  throw new SamepointError('volume/too-many-slices', { slices: frames, limit: MAX_SLICES });
}

/** Values that an error lists. */
const MAX_LISTED = 20;

/** Dimensions along which an instance may hold several volumes, the most informative first. */
const DIMENSIONS = [
  'StackID',
  'TemporalPositionIndex',
  'DiffusionBValue',
  'EffectiveEchoTime',
  'ImageType',
] as const;

/**
 * Refuses an instance whose frames overlap or are not parallel because it holds several volumes, before anything is
 * decoded. Frames that overlap for no reason that is known here are found later, as conflicting slices.
 * @throws SamepointError volume/several-volumes
 */
export function refuseSeveralVolumes(headers: readonly FrameHeader[]): void {
  const places = new Set(
    headers.map(({ position, alongRow, alongColumn }) => [position, alongRow, alongColumn].join()),
  );
  const orientations = new Set(headers.map(({ alongRow, alongColumn }) => [alongRow, alongColumn].join()));
  if (places.size === headers.length && orientations.size <= 1) return;
  for (const attribute of DIMENSIONS) {
    const values = [...new Set(headers.map(({ traits }) => traits[attribute] ?? ''))];
    if (values.length > 1)
      throw new SamepointError('volume/several-volumes', { attribute, values: values.slice(0, MAX_LISTED) });
  }
}
