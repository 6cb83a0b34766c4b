import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of report/: building, storing and reading back DICOM SR. */
export const reportErrors = {
  'report/no-pairs': spec<NoFields>({
    status: 422,
    summary: 'A report was requested without any accepted pair.',
    remedy: 'Accept at least one pair before saving.',
    message: () => 'a report needs at least one accepted pair',
  }),
} as const;
