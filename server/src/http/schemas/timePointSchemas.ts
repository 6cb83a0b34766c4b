/**
 * The wire format of time point reports: what a reader has confirmed of a patient's lesions in one study (see schemas.ts).
 * @module
 */
import { LESION_ROLES, OBSERVATION_STATUSES, RESPONSES } from '../../report/index.ts';
import { LABEL_LENGTH } from '../../documents/index.ts';
import { z } from 'zod';
import { carriedOver, codedConcept } from './findingsSchemas.ts';
import { lpsPoint, reportAnswer, seriesPoint, source as sourceName, uid } from './schemas.ts';

const MAX_OBSERVATIONS = 200;
const MAX_REPORTS = 1_000;
const MAX_TEXT = 64;

/** A diameter as its ends in the patient. */
const diameter = z
  .strictObject({ mm: z.number().positive(), ends: z.tuple([lpsPoint, lpsPoint]).readonly() })
  .meta({ id: 'Diameter' });

export const lesionObservation = z
  .strictObject({
    trackingUid: uid.meta({
      description: 'Tracking Unique Identifier: the same in the reports of all studies',
    }),
    label: z.string().min(1).max(LABEL_LENGTH),
    role: z.enum(LESION_ROLES),
    finding: codedConcept.optional(),
    site: codedConcept.optional(),
    status: z.enum(OBSERVATION_STATUSES).meta({
      description:
        'resolved: the place is known and nothing is there; not-covered: outside of every series; not-evaluable: seen, but not to be judged',
    }),
    place: seriesPoint.optional().meta({
      description: 'Required with present and resolved; never with not-covered',
    }),
    longAxis: diameter.optional().meta({ description: 'Only with present' }),
    shortAxis: diameter.optional().meta({ description: 'Only beside a long axis' }),
    carriedOver: carriedOver.optional().meta({ description: 'Absent where the reader marked the place' }),
  })
  .meta({ id: 'LesionObservation' });

const percent = z.number();

/** What the table of lesions says of a time point: an aid, which the reader has seen. */
export const assessment = z
  .strictObject({
    sumMm: z.number().min(0).meta({ description: 'Sum of the diameters of the targets' }),
    baselineSumMm: z.number().min(0).optional(),
    nadirSumMm: z.number().min(0).optional(),
    changeFromBaselinePercent: percent.optional(),
    changeFromNadirPercent: percent.optional(),
    response: z.enum(RESPONSES).optional().meta({ description: 'RECIST 1.1' }),
  })
  .meta({ id: 'Assessment' });

export const timePointReportRequest = z
  .strictObject({
    source: sourceName,
    studyInstanceUid: uid.meta({
      description: 'The study that the observations are about, and that gets the report',
    }),
    timePoint: z.strictObject({
      name: z.string().min(1).max(MAX_TEXT).meta({ description: 'Such as the date of the study' }),
      type: z.enum(['baseline', 'pretreatment', 'posttreatment', 'nadir']).optional(),
    }),
    observations: z.array(lesionObservation).max(MAX_OBSERVATIONS).readonly().meta({
      description:
        'All that is to count from now on: the report replaces the earlier ones of its study. None withdraws them',
    }),
    basedOn: z.array(uid).max(MAX_REPORTS).readonly().meta({
      description:
        'SOP Instance UIDs of the time point reports of the study that the reader has seen. Where the PACS holds another one, nothing is stored',
    }),
    assessment: assessment.optional(),
  })
  .meta({ id: 'TimePointReportRequest' });

export const timePointReportAnswer = reportAnswer;
