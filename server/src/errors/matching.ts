import { spec } from './spec.ts';

/** Errors of matching/: points and embedding pairs that cannot be matched. */
export const matchingErrors = {
  'matching/outside-volume': spec<{ point: readonly number[]; outsideMm: number }>({
    status: 422,
    summary: 'A query point lies outside the volume of the query series.',
    remedy: 'Click inside the image.',
    message: ({ point, outsideMm }) =>
      `point [${point.join(', ')}] (LPS, mm) lies ${outsideMm.toFixed(1)} mm outside the query volume`,
  }),
} as const;
