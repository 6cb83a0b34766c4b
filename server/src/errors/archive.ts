import { spec } from './spec.ts';

/** Errors of archive/: the small embedded DICOMweb archive. */
export const archiveErrors = {
  'archive/not-dicom': spec<{ reason: string }>({
    status: 409,
    summary: 'Bytes sent to the embedded archive are not a DICOM Part 10 file, or lack a required UID.',
    remedy: 'Send DICOM Part 10 files.',
    message: ({ reason }) => `not a DICOM file: ${reason}`,
  }),
} as const;
