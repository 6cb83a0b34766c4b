import type { Embedding } from '../../embedding/types.ts';
import { halved, levelOf, lowPass } from './level.ts';
import type { Level } from './level.ts';

/** The images of a series for registration, fine to coarse. */
export interface Pyramid {
  /** On the working grid (2 mm). */
  readonly fine: Level;
  /** At half its resolution (4 mm). */
  readonly coarse: Level;
}

/** Embeddings are immutable, so a pyramid lives as long as its embedding. */
const pyramids = new WeakMap<Embedding, Pyramid>();

/** The pyramid of an embedding's image; computed on first use in each thread (about 0.1 s for a chest). */
export function pyramidOf(embedding: Embedding): Pyramid {
  const known = pyramids.get(embedding);
  if (known !== undefined) return known;
  const fine = lowPass(levelOf(embedding.image, embedding.volume.modality === 'CT'));
  const made = { fine, coarse: lowPass(halved(fine)) };
  pyramids.set(embedding, made);
  return made;
}
