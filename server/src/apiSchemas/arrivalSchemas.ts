/**
 * The wire format of reports of new studies (see schemas.ts).
 * @module
 */
import { z } from 'zod';
import { source, uid } from './schemas.ts';

export const arrivalReport = z
  .strictObject({ studyInstanceUid: uid, source })
  .meta({ id: 'ArrivalReport', description: 'A study that has arrived, or has changed' });

export const arrivalHeaders = z.object({
  'samepoint-arrival-secret': z.string().meta({ description: 'The secret of arrival.secret' }),
});

export const arrivalAnswer = z.strictObject({ accepted: z.literal(true) }).meta({
  id: 'ArrivalAnswer',
  description: 'It is written down; whether there is such a study is not known yet',
});
