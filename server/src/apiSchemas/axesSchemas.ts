/**
 * The wire format of points and diameters (see schemas.ts).
 * @module
 */
import { z } from 'zod';

export const lpsPoint = z
  .tuple([z.number(), z.number(), z.number()])
  .readonly()
  .meta({ description: 'World point in the patient: x to the Left, y to Posterior, z to Superior; mm' });

const axisEnds = z.tuple([lpsPoint, lpsPoint]).readonly();

export const axes = z
  .strictObject({ longAxis: axisEnds, shortAxis: axisEnds.optional() })
  .meta({ id: 'Axes', description: 'Ends of the diameters of a lesion, LPS, mm' });

/** The diameters of a match. */
export const proposedAxes = z
  .strictObject({
    longAxis: axisEnds,
    shortAxis: axisEnds.optional(),
    isFitted: z
      .boolean()
      .meta({ description: 'Moved to the edge of the lesion; else only turned by the map' }),
    carried: axes.optional().meta({
      description: 'Of those that were moved to the edge: where the map puts the diameters of the query',
    }),
  })
  .meta({
    description:
      'Where the diameters of the query lie in the target, in the plane of the slice of the answer; only with `matched`',
  });

const share = z.number().min(0).max(1);

/** A pair of places of structural inference. */
export const fixedPoint = z
  .strictObject({
    query: lpsPoint,
    target: lpsPoint,
    similarity: z.number(),
    weights: z
      .tuple([share, share, share])
      .readonly()
      .meta({ description: 'What it counted in the robust affine, along x, y and z' }),
  })
  .meta({ id: 'FixedPoint' });
