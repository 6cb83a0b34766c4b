import type { Embedding, MapRole } from '../embedding/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { directionsAt, openSpace, shareEmbedding } from '../search/index.ts';

/** The vector of one map at a place: of unit length, or zeros where the map has none (outside the body). */
interface MapVector {
  readonly role: MapRole;
  readonly vector: Float64Array;
}

/**
 * The vectors of an embedding at places (LPS, mm), as the search compares them: the unit vectors of the voxels around, interpolated
 * trilinearly and normalised.
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function vectorsAt(
  embedding: Embedding,
  places: readonly LpsPoint[],
): readonly (readonly MapVector[])[] {
  const space = openSpace(shareEmbedding(embedding));
  return places.map((lps) =>
    directionsAt(space, lps).map((vector, index) => ({
      role: space.maps[index]?.map.role ?? 'fine',
      vector: Float64Array.from(vector),
    })),
  );
}
