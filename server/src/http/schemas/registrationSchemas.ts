/**
 * What requests and answers about registration objects look like.
 * @module
 */
import { z } from 'zod';
import { REGISTRATION_KINDS } from '../../registrationObject/index.ts';
import { fieldRequest, uid } from './schemas.ts';

const kind = z.enum(REGISTRATION_KINDS).meta({
  description:
    '`affine`: a Spatial Registration of the affine part; `field`: a Deformable Spatial Registration of the whole map',
});

export const registrationRequest = fieldRequest.extend({ kind }).meta({ id: 'RegistrationRequest' });

export const registrationsQuery = z.strictObject({
  queryStudyInstanceUid: uid,
  querySeriesInstanceUid: uid,
  targetStudyInstanceUid: uid,
  targetSeriesInstanceUid: uid,
});

const storedRegistration = z
  .strictObject({
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    sopInstanceUid: uid,
    kind,
    isOwn: z.boolean().meta({ description: 'Samepoint wrote it' }),
    model: z.string().optional().meta({ description: 'Of an own one: id and version of the model' }),
    label: z.string(),
    description: z.string(),
    manufacturer: z.string(),
    createdAt: z.string().meta({ description: 'YYYYMMDDHHMMSS, as the object gives it' }),
    isOfAllImages: z
      .boolean()
      .meta({ description: 'It refers to all images of both series, and to no others' }),
    affine: z
      .array(z.number())
      .length(12)
      .readonly()
      .meta({ description: 'From the query to the target, LPS mm: three rows of four, row-major' }),
  })
  .meta({ id: 'StoredRegistration' });

export const registrationsAnswer = z
  .strictObject({
    registrations: z.array(storedRegistration).readonly().meta({ description: 'Newest first' }),
    warnings: z
      .array(z.strictObject({ code: z.literal('registrations/unread'), message: z.string() }))
      .readonly()
      .meta({ description: 'Series of registration objects that could not be read' }),
  })
  .meta({ id: 'RegistrationsAnswer' });
