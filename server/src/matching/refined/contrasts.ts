import { previewImageOfEmbedding } from '../../embedding/index.ts';
import type { Embedding } from '../../embedding/types.ts';
import type { Affine } from '../../geometry/index.ts';
import { correlationUnder } from '../../registration/index.ts';

/** Intensities of two MR of one sequence correlate more than this over the body, also where the map is a centimetre off. */
const LEAST_CORRELATION = 0.35;

/**
 * True where the intensities of a pair do not follow from each other by gain and offset: two modalities, or two MR in which the same tissue
 * is bright in one and dark in the other.
 * @param map from the LPS of the query to that of the target, as far as it is known
 */
export function areOfTwoContrasts(query: Embedding, target: Embedding, map: Affine | undefined): boolean {
  if (query.volume.modality !== target.volume.modality) return true;
  if (query.volume.modality !== 'MR' || map === undefined) return false;
  const [from, to] = [previewImageOfEmbedding(query), previewImageOfEmbedding(target)];
  return correlationUnder(from, to, map) < LEAST_CORRELATION;
}
