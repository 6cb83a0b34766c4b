/**
 * The wire format, written once: these schemas parse requests, type the answers (types.ts) and make the OpenAPI document.
 * Requests are strict: a misspelt key is an error, not a silently ignored wish.
 * @module
 */
import { EXISTING_UID, MAX_UID_CHARACTERS } from '../dicom/index.ts';
import { z } from 'zod';
import { axes, fixedPoint, lpsPoint, proposedAxes } from './axesSchemas.ts';
import * as matching from '../matching/index.ts';
import { PROVENANCE_NAME } from '../report/index.ts';
import { LABEL_LENGTH } from '../documents/index.ts';

export { lpsPoint };

/** Points of one request: a reader's lesions, not a dense field. */
const MAX_POINTS = 200;
/** Target series of one request: priors of one patient that are open at once. */
const MAX_TARGETS = 16;
const MAX_PAIRS = 200;
const MAX_ID_LENGTH = 64;

export const uid = z
  .string()
  .max(MAX_UID_CHARACTERS)
  .regex(EXISTING_UID, { error: 'must be a DICOM UID (digits and dots)' })
  .meta({ description: 'DICOM UID', examples: ['1.2.840.10008.1.1'] });

const identifier = z.string().min(1).max(MAX_ID_LENGTH);

export const source = z.string().min(1).max(MAX_ID_LENGTH).optional().meta({
  description: 'Name of the PACS (GET /sources); the first configured one where absent',
});

export const seriesRef = z
  .strictObject({ studyInstanceUid: uid, seriesInstanceUid: uid, source })
  .meta({ id: 'SeriesRef' });

const queryPoint = z
  .strictObject({
    id: identifier.meta({
      description: 'Chosen by the caller, unique in the request; comes back as pointId',
    }),
    lps: lpsPoint,
    frameOfReferenceUid: uid.optional().meta({ description: "When given, it must be the query series' own" }),
    axes: axes.optional().meta({ description: 'Diameters of the lesion, to be proposed in the targets' }),
  })
  .meta({ id: 'QueryPoint' });

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

const model = z.string().min(1).max(64).optional().meta({ description: "The server's default where absent" });

export const seriesEmbeddingRequest = z
  .strictObject({ studyInstanceUid: uid, seriesInstanceUid: uid, source, model })
  .meta({ id: 'SeriesEmbeddingRequest' });

export const matchRequest = z
  .strictObject({
    query: seriesRef,
    targets: z
      .array(seriesRef)
      .min(1)
      .max(MAX_TARGETS)
      .refine((series) => areDistinct(series.map(({ seriesInstanceUid }) => seriesInstanceUid)), {
        error: 'must name each series once',
      }),
    points: z
      .array(queryPoint)
      .min(1)
      .max(MAX_POINTS)
      .refine((points) => areDistinct(points.map(({ id }) => id)), { error: 'must have distinct ids' }),
    model,
    method: z
      .enum(matching.MATCH_METHODS)
      .optional()
      .meta({
        description: `${matching.MATCH_METHODS[0]} where absent; docs/architecture.md says what each does`,
      }),
    fixedPoints: z
      .boolean()
      .optional()
      .meta({ description: 'True: answers of the step `structural` have the fixed points they are made of' }),
  })
  .meta({ id: 'MatchRequest' });

const nearestPixel = z
  .strictObject({
    sopClassUid: uid,
    sopInstanceUid: uid,
    frameNumber: z.int().positive().optional().meta({ description: '1-based; only for multi-frame objects' }),
    column: z.number().meta({ description: 'Continuous; 0 = centre of the first pixel' }),
    row: z.number().meta({ description: 'Continuous; 0 = centre of the first pixel' }),
    offPlaneMm: z.number().meta({ description: 'Distance of the point from the plane of the slice' }),
  })
  .meta({ id: 'NearestPixel' });

export const seriesPoint = z
  .strictObject({
    source,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    frameOfReferenceUid: uid,
    lps: lpsPoint,
    pixel: nearestPixel,
  })
  .meta({ id: 'SeriesPoint' });

const similarity = z.number().min(-1).max(1).meta({ description: 'Mean cosine; not a probability' });
const cycleErrorMm = z
  .number()
  .min(0)
  .meta({ description: 'Distance between the query and where the same step, run backward, puts the answer' });

const errorRadiusMm = z
  .number()
  .min(0)
  .meta({ description: 'Radius around the target point that holds the true one with 90 % probability' });

const diameterMm = z.number().positive().optional().meta({ description: 'Of a sphere as large as it' });

const lesionChange = z
  .strictObject({
    kind: z
      .enum(matching.LESION_CHANGES)
      .meta({ description: 'From query to target, whichever is the earlier one' }),
    queryDiameterMm: diameterMm,
    targetDiameterMm: diameterMm,
  })
  .meta({ id: 'LesionChange' });

const match = z
  .strictObject({
    method: z
      .enum([...matching.MATCH_METHODS, matching.PREVIEW_METHOD])
      .meta({ description: '`preview` only in the preview of a job' }),
    model: z
      .strictObject({ id: z.string(), version: z.string() })
      .optional()
      .meta({ description: 'The model whose embeddings were compared; absent in previews' }),
    step: z
      .enum([...matching.MATCH_STEPS, matching.PREVIEW_STEP])
      .meta({ description: 'The step of the method that gave the answer; `affine` only in previews' }),
    verdict: z.enum(matching.MATCH_VERDICTS).meta({
      description:
        'Only `matched` claims the same point; `out-of-view`: its counterpart lies outside the target',
    }),
    outOfView: z
      .array(z.enum(matching.OUT_OF_VIEW_SIDES))
      .readonly()
      .optional()
      .meta({ description: 'With out-of-view: where the counterpart lies, seen from the target volume' }),
    query: seriesPoint,
    target: seriesPoint.meta({ description: 'With out-of-view: the nearest point inside the target volume' }),
    similarity: z.number().meta({ description: 'Weighted mean cosine; not a probability' }),
    cycleErrorMm,
    runnerUp: z
      .strictObject({
        distanceMm: z.number().min(0).meta({ description: 'From the answer' }),
        similarity: z.number(),
        lps: lpsPoint.optional().meta({ description: 'Where it lies in the target' }),
      })
      .optional()
      .meta({ description: 'The best candidate more than 20 mm from the answer; it may be more similar' }),
    errorRadiusMm,
    change: lesionChange.optional().meta({
      description:
        'What became of the lesion; only with `matched`, and where both images show it beyond doubt',
    }),
    axes: proposedAxes.optional(),
    fixedPoints: z
      .array(fixedPoint)
      .readonly()
      .optional()
      .meta({ description: "On request: pairs of places that are each other's nearest neighbours" }),
  })
  .meta({ id: 'Match' });

export const errorBody = z
  .strictObject({
    code: z.string().meta({ description: 'A code of docs/errors.md' }),
    status: z.int(),
    message: z.string(),
    remedy: z.string().meta({ description: 'What to do about it' }),
    fields: z.record(
      z.string(),
      z.union([z.string(), z.number(), z.array(z.string()).readonly(), z.array(z.number()).readonly()]),
    ),
  })
  .meta({ id: 'ErrorBody' });

export const errorAnswer = z.strictObject({ error: errorBody }).meta({ id: 'ErrorAnswer' });

export const matchOutcome = z
  .discriminatedUnion('ok', [
    z.strictObject({ pointId: identifier, target: seriesRef, ok: z.literal(true), match }),
    z.strictObject({ pointId: identifier, target: seriesRef, ok: z.literal(false), error: errorBody }),
  ])
  .meta({ id: 'MatchOutcome' });

const warning = { code: z.string().meta({ description: 'A code of docs/volumes.md' }), message: z.string() };

export const seriesWarning = z.strictObject({ series: seriesRef, ...warning }).meta({ id: 'SeriesWarning' });

export const matchAnswer = z
  .strictObject({
    matches: z.array(matchOutcome).readonly(),
    warnings: z.array(seriesWarning).readonly().meta({
      description:
        'Deviations of the images that were accepted and compensated, and where the model does not apply to a series: of the query, then of the targets; none in a preview',
    }),
  })
  .meta({ id: 'MatchAnswer' });

export const seriesEmbeddingAnswer = z
  .strictObject({
    state: z.literal('ready'),
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    model: z.string(),
    warnings: z
      .array(z.strictObject(warning))
      .readonly()
      .meta({ description: 'Deviations of the images that were accepted and compensated' }),
  })
  .meta({ id: 'SeriesEmbeddingAnswer' });

export const fieldRequest = z
  .strictObject({ query: seriesRef, target: seriesRef, model })
  .meta({ id: 'FieldRequest' });

export const similarityRequest = z
  .strictObject({
    query: seriesRef.extend({ lps: lpsPoint }).meta({ id: 'SimilarityQuery' }),
    target: seriesRef,
    model,
  })
  .meta({ id: 'SimilarityRequest' });

const readyField = z
  .strictObject({ state: z.literal('ready'), query: seriesRef, target: seriesRef, model: z.string() })
  .meta({
    id: 'ReadyField',
    description:
      'Result of a job for a field, a registration or a similarity map: the same request gives it now',
  });

export const job = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['series-embedding', 'match', 'field', 'registration', 'similarity']),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    progress: z.strictObject({
      stage: z.enum(['fetch', 'embed', 'match']),
      fraction: z.number().min(0).max(1).meta({ description: 'Of the whole job; never falls' }),
      message: z.string(),
    }),
    preview: matchAnswer.optional().meta({
      description:
        'Of a match whose series are not embedded: a preview by affine registration, for some of the points, before the result; never more than `uncertain`',
    }),
    result: z
      .union([matchAnswer, seriesEmbeddingAnswer, readyField])
      .optional()
      .meta({ description: 'When done' }),
    error: errorBody.optional().meta({ description: 'When failed' }),
  })
  .meta({ id: 'Job' });

export const jobId = z.uuid().meta({ description: 'Id of a job' });

const name = z.string().regex(PROVENANCE_NAME, { error: 'must be 1 to 64 visible ASCII characters' });
/** Texts, not lists of what this version knows: a report outlives the methods and models that it was made with. */
export const matchProvenance = z
  .strictObject({
    model: z.strictObject({ id: name, version: name }),
    method: name,
    step: name,
    verdict: z.enum(matching.MATCH_VERDICTS),
    errorRadiusMm,
  })
  .meta({ id: 'MatchProvenance' });

export const confirmedPair = z
  .strictObject({
    label: z.string().min(1).max(LABEL_LENGTH),
    lesionUid: uid.meta({ description: 'The same in every report about the lesion' }),
    state: z.enum(['accepted', 'moved']),
    current: seriesPoint,
    prior: seriesPoint,
    similarity,
    cycleErrorMm,
    provenance: matchProvenance
      .optional()
      .meta({ description: 'The match that proposed the pair, as it was answered' }),
  })
  .meta({ id: 'ConfirmedPair' });

export const reportRequest = z
  .strictObject({ pairs: z.array(confirmedPair).min(1).max(MAX_PAIRS).readonly() })
  .meta({ id: 'ReportRequest' });

/** Longest Idempotency-Key; a UUID has 36 characters. */
const MAX_KEY_LENGTH = 128;

export const reportHeaders = z.object({
  'Idempotency-Key': z
    .string()
    // A string of RFC 9651 3.3.3 without spaces, or bare: a list of two values has a space.
    .regex(new RegExp(`^("?)[!#-[\\]-~]{1,${MAX_KEY_LENGTH}}\\1$`, 'u'), {
      error: `must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters, such as a UUID, in quotes`,
    })
    .optional()
    .meta({
      description:
        'Made anew for each wish to save and repeated with each attempt at it (draft-ietf-httpapi-idempotency-key-header): however many attempts, the PACS holds one report. Without it, equal pairs are one report',
      examples: ['"8e03978e-40d5-43e8-bc93-6b20ac4cb5d4"'],
    }),
});

export const reportAnswer = z
  .strictObject({ studyInstanceUid: uid, seriesInstanceUid: uid, sopInstanceUid: uid })
  .meta({ id: 'ReportAnswer' });

export const reportsAnswer = z
  .strictObject({
    reports: z
      .array(
        z.strictObject({
          studyInstanceUid: uid,
          seriesInstanceUid: uid,
          sopInstanceUid: uid,
          createdAt: z.string().meta({ description: 'ISO 8601' }),
          pairs: z.array(confirmedPair).readonly(),
        }),
      )
      .readonly(),
    warnings: z
      .array(z.strictObject({ code: z.literal('report/unreadable'), message: z.string() }))
      .readonly()
      .meta({ description: 'Structured reports of the study that could not be read' }),
  })
  .meta({ id: 'ReportsAnswer' });

export const reportsQuery = z.strictObject({ studyInstanceUid: uid, source });
