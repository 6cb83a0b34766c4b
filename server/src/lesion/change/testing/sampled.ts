import { plus } from '../../../geometry/index.ts';
import type { RayImage } from '../rays.ts';

/** An image as a function of the offset, mm. */
export type Sampled = (x: number, y: number, z: number) => number;

/** The image that a function gives. */
export function imageFrom(valueAt: Sampled): RayImage {
  return {
    open: () => undefined,
    read: ({ shells }, { from, sampling: { directions } }, shell, mm) => {
      for (const [ray, direction] of directions.entries())
        shells[shell * directions.length + ray] = valueAt(...plus(from, direction, mm));
    },
  };
}
