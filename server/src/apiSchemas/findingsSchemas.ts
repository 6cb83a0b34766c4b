/**
 * The wire format of findings (see schemas.ts).
 * @module
 */
import { FINDING_KINDS, FINDING_SOURCES } from '../findings/index.ts';
import { LESION_ROLES, OBSERVATION_STATUSES, REVIEWS } from '../report/index.ts';
import { z } from 'zod';
import { lpsPoint, matchProvenance, uid, source as sourceName } from './schemas.ts';

/** Findings of one answer. */
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 500;
const MAX_OFFSET = 1_000_000;

const wholeNumber = z.string().regex(/^\d{1,7}$/u, { error: 'must be a whole number' });

export const findingsQuery = z.strictObject({
  studyInstanceUid: uid,
  source: sourceName,
  offset: wholeNumber
    .transform(Number)
    .pipe(z.int().max(MAX_OFFSET))
    .optional()
    .meta({ description: 'Findings that are passed over; 0 where absent' }),
  limit: wholeNumber
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LIMIT))
    .optional()
    .meta({ description: `Findings of this answer, at most ${MAX_LIMIT}; ${DEFAULT_LIMIT} where absent` }),
});

/** Findings of an answer to a request that names no limit. */
export const LIMIT = DEFAULT_LIMIT;

export const codedConcept = z
  .strictObject({ value: z.string(), scheme: z.string(), meaning: z.string() })
  .meta({ id: 'CodedConcept' });

export const carriedOver = z
  .strictObject({
    fromStudyInstanceUid: uid.meta({ description: 'Study of the time point whose place was looked for' }),
    review: z.enum(REVIEWS).meta({ description: 'accepted as proposed, or corrected by the reader' }),
    provenance: matchProvenance.meta({
      description: 'The match that proposed the place, as it was answered',
    }),
  })
  .meta({ id: 'CarriedOver' });

const axis = z
  .strictObject({
    mm: z.number().min(0).meta({ description: 'As measured by who wrote the document, else as drawn' }),
    ends: z.tuple([lpsPoint, lpsPoint]).readonly().optional(),
  })
  .meta({ id: 'FindingAxis' });

const findingImage = z
  .strictObject({
    studyInstanceUid: z.string(),
    seriesInstanceUid: z.string(),
    sopClassUid: z.string(),
    sopInstanceUid: z.string(),
    frameNumber: z.int().positive().optional().meta({ description: '1-based; only of multi-frame objects' }),
    column: z.number().optional().meta({ description: 'Continuous; 0 = centre of the first pixel' }),
    row: z.number().optional().meta({ description: 'Continuous; 0 = centre of the first pixel' }),
    offPlaneMm: z.number().optional().meta({
      description: 'Distance of the point from the plane of the slice; 0 where absent',
    }),
  })
  .meta({ id: 'FindingImage' });

export const finding = z
  .strictObject({
    document: z.strictObject({
      studyInstanceUid: uid,
      seriesInstanceUid: uid,
      sopInstanceUid: uid,
      source: z.enum(FINDING_SOURCES),
      createdAt: z
        .string()
        .optional()
        .meta({ description: 'YYYY-MM-DDThh:mm:ss in the time zone of the hospital' }),
    }),
    number: z.int().positive().meta({ description: 'Place in the document, from 1' }),
    kind: z.enum(FINDING_KINDS).meta({ description: 'How the document gives the place' }),
    trackingUid: uid.optional().meta({
      description:
        'Tracking Unique Identifier: the same of a lesion in all studies, where the writer keeps it so',
    }),
    trackingIdentifier: z.string().optional(),
    label: z.string().meta({ description: 'Text of the reader, else of the code; may be empty' }),
    finding: codedConcept.optional(),
    sites: z.array(codedConcept).readonly(),
    comment: z.string().optional(),
    frameOfReferenceUid: uid.optional().meta({ description: 'Absent as lps' }),
    lps: lpsPoint.optional().meta({
      description:
        'The point itself, or the centre; LPS, mm. Absent only of the kind none: not-covered and not-evaluable lesions of our own reports',
    }),
    extent: z
      .strictObject({ min: lpsPoint, max: lpsPoint })
      .optional()
      .meta({ description: 'Opposite corners of the box around it, LPS, mm; absent of points' }),
    longAxis: axis.optional(),
    shortAxis: axis.optional(),
    role: z.enum(LESION_ROLES).optional().meta({ description: 'Only of our own reports' }),
    status: z
      .enum(OBSERVATION_STATUSES)
      .optional()
      .meta({ description: 'Only of our own reports; `present` where absent' }),
    carriedOver: carriedOver.optional().meta({
      description: 'Only of our own reports; absent where the reader marked the place',
    }),
    image: findingImage.optional().meta({
      description:
        'Where it was marked, the middle one of several images; absent where the document names none',
    }),
  })
  .meta({ id: 'Finding' });

export const findingsAnswer = z
  .strictObject({
    findings: z.array(finding).readonly(),
    total: z
      .int()
      .meta({ description: 'Findings of the study, other pages and those that could not be read included' }),
    next: z.int().optional().meta({ description: 'Offset of the next page; absent on the last one' }),
    unread: z
      .strictObject({
        count: z.int(),
        reasons: z.array(z.strictObject({ reason: z.string(), count: z.int() })).readonly(),
      })
      .meta({
        description: 'Findings that could not be read, of all documents and of the images of this page',
      }),
    reports: z
      .array(z.strictObject({ sopInstanceUid: uid, createdAt: z.string() }))
      .readonly()
      .meta({
        description:
          'Our reports of the time point that count, newest first, also an empty one: what POST /time-point-reports is basedOn',
      }),
    warnings: z
      .array(
        z.strictObject({
          code: z.enum(['findings/unread', 'findings/unreadable', 'findings/foreign', 'findings/left-out']),
          message: z.string(),
        }),
      )
      .readonly()
      .meta({ description: 'What is missing in this answer, in words' }),
  })
  .meta({ id: 'FindingsAnswer' });
