/**
 * Applicability of a model to a series: what can be measured and makes matches less certain. It is embedded all the same.
 * @module
 */
import { determinant } from '../geometry/index.ts';
import type { VolumeModality, VolumeWarning } from '../volume/types.ts';
import type { Manifest } from '../model/index.ts';
import type { ImageMap } from './types.ts';

/** With fewer voxels of its deepest grid along an axis the network cannot recognise where in the body it is. */
const FEWEST_DEEP_VOXELS = 2;
/** Mean axial cross-section of the body, mm2: a neck has 10,000, a forearm 4,000. */
const SMALLEST_SECTION_MM2 = 6_000;
/** Bone and contrast stay below; metal, and the end of 12 bits that it is clipped to, above; HU. */
const METAL_HU = 3_000;
/** Share of the body: an artificial hip is 0.3 % of a trunk, the fillings of a jaw 0.1 % of a head. */
const METAL_SHARE = 0.001;

/** What is measured: intensities on the working grid, and the mask on the grid of the fine map. */
export interface EmbeddedBody {
  readonly image: ImageMap;
  readonly mask: Uint8Array;
  readonly modality: VolumeModality;
}

/** Warnings embedding/thin-series, small-body and metal (docs/volumes.md). */
export function applicabilityWarnings(
  { image, mask, modality }: EmbeddedBody,
  manifest: Manifest,
): VolumeWarning[] {
  const { input, outputs, region } = manifest;
  const warnings: VolumeWarning[] = [];
  const extents = image.grid.dims.map((count) => count * input.spacingMm);
  const smallest = Math.min(...extents);
  // A model without a coarse map never knew the place.
  const isPlaced = outputs.some(({ role }) => role === 'coarse');
  const wanted = FEWEST_DEEP_VOXELS * input.spacingMm * Math.max(...input.minimumSize);
  if (isPlaced && smallest < wanted) {
    const message = `the series covers ${smallest} mm along one axis; this model wants ${wanted} mm to know the place`;
    warnings.push({ code: 'embedding/thin-series', message });
  }
  const bodyMm3 = bodyVolume(mask, manifest);
  const section = bodyMm3 / (extents[2] ?? 1);
  if (section < SMALLEST_SECTION_MM2) {
    const message = `the mean cross-section is ${Math.round(section / 100)} cm2: less than a neck; the model is for: ${region}`;
    warnings.push({ code: 'embedding/small-body', message });
  }
  const metal = modality === 'CT' ? metalVolume(image) / bodyMm3 : 0;
  if (metal > METAL_SHARE) {
    const message = `${(metal * 100).toFixed(1)} % of the body is above ${METAL_HU} HU: metal, and streaks around it`;
    warnings.push({ code: 'embedding/metal', message });
  }
  return warnings;
}

/**
 * Warning embedding/body-part: the series names a body part (BodyPartExamined) that the manifest does not list. One known
 * part among several is enough ("CHEST ABD PEL"), and blanks and strokes do not count ("WHOLE BODY").
 */
export function bodyPartWarnings(bodyPart: string | undefined, manifest: Manifest): VolumeWarning[] {
  const { bodyParts, region } = manifest;
  const words = bodyPart?.toUpperCase().match(/[A-Z0-9]+/g) ?? [];
  if (bodyPart === undefined || bodyParts === undefined || words.length === 0) return [];
  if ([words.join(''), ...words].some((word) => bodyParts.includes(word))) return [];
  const message = `the images say that they show ${bodyPart}; the model was trained for: ${region}`;
  return [{ code: 'embedding/body-part', message }];
}

function bodyVolume(mask: Uint8Array, { input, outputs }: Manifest): number {
  const [z, y, x] = outputs.find(({ role }) => role === 'fine')?.stride ?? [1, 1, 1];
  let voxels = 0;
  for (let voxel = 0; voxel < mask.length; voxel += 1) voxels += mask[voxel] ?? 0;
  return voxels * z * y * x * input.spacingMm ** 3;
}

function metalVolume({ grid, values }: ImageMap): number {
  let voxels = 0;
  for (let voxel = 0; voxel < values.length; voxel += 1) if ((values[voxel] ?? 0) > METAL_HU) voxels += 1;
  return voxels * Math.abs(determinant(grid.voxelToLps));
}
