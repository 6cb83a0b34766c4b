/**
 * The wire format of the prior studies of a patient (see schemas.ts).
 * @module
 */
import { z } from 'zod';
import { source as sourceName, uid } from './schemas.ts';

export const priorsQuery = z.strictObject({
  studyInstanceUid: uid.meta({ description: 'The study that is read' }),
  source: sourceName,
  seriesInstanceUid: uid.optional().meta({
    description: 'The series that is read; the most suitable one of the study where absent',
  }),
  model: z.string().min(1).max(64).optional(),
});

/** A series that may be compared, or the reasons why it is not. */
export const comparableSeries = z
  .strictObject({
    seriesInstanceUid: uid,
    seriesNumber: z.int().optional(),
    description: z.string(),
    modality: z.string(),
    images: z.int(),
    plane: z.enum(['axial', 'coronal', 'sagittal', 'oblique']).optional(),
    sliceThicknessMm: z.number().positive().optional(),
    kernel: z.string().optional(),
    contrast: z.boolean().optional().meta({ description: 'Whether a contrast agent is named' }),
    lengthMm: z.number().min(0).optional().meta({ description: 'From the first to the last slice' }),
    coverage: z.number().min(0).max(1).optional().meta({
      description:
        'Share of the length of the series that is read which this one covers; of a common frame of reference as it lies, else by its length',
    }),
    isComparable: z.boolean(),
    reasons: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Why it is not compared, or what speaks against it; in the words of the reader' }),
  })
  .meta({ id: 'ComparableSeries' });

export const timePointStudy = z
  .strictObject({
    studyInstanceUid: uid,
    source: sourceName,
    date: z.string().optional().meta({ description: 'YYYY-MM-DD; absent where the study has none' }),
    time: z.string().optional().meta({ description: 'hh:mm:ss' }),
    description: z.string(),
    modalities: z.array(z.string()).readonly(),
    series: z.array(comparableSeries).readonly().meta({ description: 'The most suitable first' }),
    hasReports: z
      .boolean()
      .meta({ description: 'Whether it has structured reports, segmentations or structure sets' }),
  })
  .meta({ id: 'TimePointStudy' });

export const priorsAnswer = z
  .strictObject({
    current: timePointStudy,
    priors: z
      .array(timePointStudy)
      .readonly()
      .meta({ description: 'Of the same patient (PatientID and issuer), the newest first' }),
    warnings: z
      .array(z.strictObject({ code: z.string(), message: z.string() }))
      .readonly()
      .meta({ description: 'What may be missing, in words' }),
  })
  .meta({ id: 'PriorsAnswer' });
