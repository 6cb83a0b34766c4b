/**
 * What was found in a series, accepted, and compensated. One entry per code; docs/volumes.md lists the same codes and a
 * test keeps both equal. Messages never hold names or patient ids.
 * @module
 */
import type { VolumeWarning } from '../volume/types.ts';

interface WarningSpec<F> {
  /** One line for docs/volumes.md. */
  readonly summary: string;
  message(fields: F): string;
}

function define<F>(entry: WarningSpec<F>): WarningSpec<F> {
  return entry;
}

export const volumeWarnings = {
  'volume/localizers-left-out': define<{ count: number }>({
    summary: 'Localizer (scout) images in the series: omitted.',
    message: ({ count }) => `${String(count)} localizer images were omitted`,
  }),
  'volume/objects-left-out': define<{ count: number; kinds: readonly string[] }>({
    summary: 'Instances that are no CT, MR or PET images (SR, PR, secondary capture): omitted.',
    message: ({ count, kinds }) => `${String(count)} other instances were omitted: ${kinds.join(', ')}`,
  }),
  'volume/odd-images-left-out': define<{ count: number; kinds: readonly string[] }>({
    summary: 'A few images that are not like the others (screen save, dose page, scout, colour): omitted.',
    message: ({ count, kinds }) =>
      `${String(count)} images that are not like the others were omitted: ${kinds.join(', ')}`,
  }),
  'volume/no-frame-of-reference': define<Record<string, never>>({
    summary: 'The images name no frame of reference: their positions count within this series only.',
    message: () => 'the images name no frame of reference; their positions count within this series only',
  }),
  'volume/no-end-marker': define<{ count: number }>({
    summary: 'JPEG 2000 streams without their end marker, but with all their tiles: decoded.',
    message: ({ count }) =>
      `the compressed pixels of ${String(count)} instances have no end marker, but are complete`,
  }),
  'volume/stream-differs': define<{ count: number; found: string }>({
    summary:
      'Compressed pixels that have another depth or sign than the header says, with the same values: decoded.',
    message: ({ count, found }) => `in ${String(count)} instances ${found}; no value depends on it`,
  }),
  'volume/duplicates-dropped': define<{ count: number; sopInstanceUids: readonly string[] }>({
    summary: 'Slices at the same place with the same content: one is kept.',
    message: ({ count, sopInstanceUids }) =>
      `${String(count)} duplicate slices were dropped, first ${sopInstanceUids[0] ?? ''}`,
  }),
  'volume/gantry-tilt': define<{ degrees: number }>({
    summary:
      'The slices are tilted against the direction in which they are stacked: the shear is kept in the affine.',
    message: ({ degrees }) =>
      `the slices are tilted by ${degrees.toFixed(1)} degrees (gantry tilt); compensated`,
  }),
  'volume/missing-slices-filled': define<{ count: number; atMm: readonly number[] }>({
    summary: 'Missing slices with close neighbours on both sides: interpolated.',
    message: ({ count, atMm }) =>
      `${String(count)} missing slices were interpolated, first at ${(atMm[0] ?? 0).toFixed(2)} mm along the normal`,
  }),
  'volume/irregular-spacing-resampled': define<{ smallestMm: number; largestMm: number; spacingMm: number }>({
    summary: 'Slices at irregular distances: interpolated to the median distance.',
    message: ({ smallestMm, largestMm, spacingMm }) =>
      `the distance between slices varies from ${smallestMm.toFixed(2)} to ${largestMm.toFixed(2)} mm; ` +
      `interpolated to ${spacingMm.toFixed(2)} mm`,
  }),
} as const;

export type WarningCode = keyof typeof volumeWarnings;
type WarningFields<C extends WarningCode> = Parameters<(typeof volumeWarnings)[C]['message']>[0];

/** Builds a warning of the catalogue above. */
export function volumeWarning<C extends WarningCode>(code: C, fields: WarningFields<C>): VolumeWarning {
  // The compiler cannot correlate an entry with its own fields through an index access.
  const entry = volumeWarnings[code] as unknown as WarningSpec<WarningFields<C>>;
  return { code, message: entry.message(fields) };
}
