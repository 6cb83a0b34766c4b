/**
 * Graphics that a document repeats.
 * @module
 */
import type { Shape } from './types.ts';

/** Shapes without those that are equal to an earlier one: of the same image or frame of reference, at the same place, of the same size. */
export function distinct(shapes: readonly Shape[]): readonly Shape[] {
  const first = new Map<string, Shape>();
  for (const shape of shapes) {
    const key = keyOf(shape);
    if (!first.has(key)) first.set(key, shape);
  }
  return [...first.values()];
}

function keyOf({ space, centre, box, axes }: Shape): string {
  const { sopInstanceUid = '', frameNumber = 0 } = space.image ?? {};
  const frame = 'frameOfReferenceUid' in space ? space.frameOfReferenceUid : '';
  return [frame, sopInstanceUid, frameNumber, ...[centre, box, axes].flat(3)].join(' ');
}
