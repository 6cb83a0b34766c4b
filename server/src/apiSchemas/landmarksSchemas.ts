/**
 * The wire format of landmark templates and landmarks.
 * @module
 */
import { z } from 'zod';
import { MAX_LANDMARKS, templateSchema } from '../landmarks/index.ts';
import { errorBody, lpsPoint, seriesPoint, seriesRef } from './schemas.ts';

/** Templates of one request. */
const MAX_TEMPLATES = 8;
const MAX_NAME_LENGTH = 256;

const name = z.string().trim().min(1).max(MAX_NAME_LENGTH);

export const templateRequest = z
  .strictObject({
    series: seriesRef,
    landmarks: z
      .array(z.strictObject({ name, lps: lpsPoint }))
      .min(1)
      .max(MAX_LANDMARKS),
    model: z.string().min(1).max(64).optional().meta({ description: "The server's default where absent" }),
  })
  .meta({ id: 'LandmarkTemplateRequest' });

export const landmarksRequest = z
  .strictObject({ series: seriesRef, templates: z.array(templateSchema).min(1).max(MAX_TEMPLATES) })
  .meta({ id: 'LandmarksRequest' });

const foundLandmark = z
  .strictObject({
    name: z.string(),
    verdict: z.enum(['uncertain', 'out-of-view', 'absent']).meta({
      description: 'Never `matched`: the template may be of another patient',
    }),
    place: seriesPoint.meta({ description: 'With out-of-view: the nearest point inside the volume' }),
    similarity: z.number().meta({ description: 'Mean over the templates that agree; not a probability' }),
    errorRadiusMm: z
      .number()
      .min(0)
      .meta({ description: 'Holds the true place with 90 % probability, as measured between patients' }),
    votes: z.int().min(1).meta({ description: 'Templates that agree on the verdict' }),
    spreadMm: z
      .number()
      .min(0)
      .optional()
      .meta({ description: 'Largest distance of an answer of a template from the place' }),
  })
  .meta({ id: 'FoundLandmark' });

export const landmarksAnswer = z
  .strictObject({
    landmarks: z
      .array(
        z.discriminatedUnion('ok', [
          z.strictObject({ name: z.string(), ok: z.literal(true), landmark: foundLandmark }),
          z.strictObject({ name: z.string(), ok: z.literal(false), error: errorBody }),
        ]),
      )
      .readonly(),
  })
  .meta({ id: 'LandmarksAnswer' });

export { templateSchema as landmarkTemplate } from '../landmarks/index.ts';
