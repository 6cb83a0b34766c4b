import { spec } from './spec.ts';

/** Errors of archive/: the small embedded DICOMweb archive. */
export const archiveErrors = {
  'archive/not-dicom': spec<{ reason: string }>({
    status: 409,
    summary: 'Bytes sent to the embedded archive are not a DICOM Part 10 file, or lack a required UID.',
    remedy: 'Send DICOM Part 10 files.',
    message: ({ reason }) => `not a DICOM file: ${reason}`,
  }),
  'archive/duplicate-instance': spec<{ reason: string }>({
    status: 409,
    summary:
      'The embedded archive already holds another instance with this SOP Instance UID; the stored one is kept.',
    remedy:
      'Give changed content a new SOP Instance UID (PS3.4 and PS3.5 9), or clear the folder of the archive.',
    message: ({ reason }) => `the SOP Instance UID is already in use: ${reason}`,
  }),
  'archive/wrong-study': spec<{ reason: string }>({
    status: 409,
    summary: 'An instance was sent to the address of a study to which it does not belong.',
    remedy: 'Send the instance to its own study, or to /studies without a study.',
    message: ({ reason }) => reason,
  }),
  'archive/write-failed': spec<{ reason: string }>({
    status: 507,
    summary: 'The embedded archive could not write a file; nothing remains half-written.',
    remedy: 'Free space on the disk of the archive, or correct the rights of its folder, and send again.',
    message: ({ reason }) => `the archive could not write the file: ${reason}`,
  }),
  'archive/read-failed': spec<{ reason: string }>({
    status: 500,
    summary: 'A file of the embedded archive could not be read any more.',
    remedy: 'Check the folder of the archive; a restart rebuilds the index from what is there.',
    message: ({ reason }) => `a stored file could not be read: ${reason}`,
  }),
  'archive/no-folder': spec<{ reason: string }>({
    status: 500,
    summary: 'The folder of the embedded archive cannot be created or read.',
    remedy: 'Correct the folder of the archive in the server configuration, or its rights.',
    message: ({ reason }) => `the folder of the archive cannot be used: ${reason}`,
  }),
  'archive/not-found': spec<{ what: string }>({
    status: 404,
    summary: 'The embedded archive does not have the study, series, instance, frame or resource.',
    remedy: 'Reload the study list.',
    message: ({ what }) => `the archive does not have this ${what}`,
  }),
  'archive/invalid-query': spec<{ parameter: string; reason: string }>({
    status: 400,
    summary: 'A QIDO-RS parameter or a frame list is not valid.',
    remedy: 'Correct the named parameter (PS3.18 8.3.4).',
    message: ({ parameter, reason }) => `${parameter}: ${reason}`,
  }),
  'archive/not-acceptable': spec<{ available: readonly string[] }>({
    status: 406,
    summary:
      'The embedded archive cannot answer in any of the accepted media types; it stores and does not convert.',
    remedy: 'Accept one of the available media types with transfer-syntax=*.',
    message: ({ available }) =>
      `not available in the accepted media types; available: ${available.join(', ')}`,
  }),
  'archive/unsupported-media-type': spec<{ received: string }>({
    status: 415,
    summary: 'Something other than DICOM Part 10 files was sent to the embedded archive for storing.',
    remedy: 'Send multipart/related; type="application/dicom".',
    message: ({ received }) => `cannot store ${received}; send multipart/related; type="application/dicom"`,
  }),
  'archive/bad-multipart': spec<{ reason: string; stored: number }>({
    status: 400,
    summary: 'The multipart body of a store request could not be read to its end, or holds no part.',
    remedy: 'Send the request again; instances that arrived whole before the fault are stored.',
    message: ({ reason, stored }) =>
      `the multipart body is not whole (${stored} instances stored before): ${reason}`,
  }),
  'archive/too-large': spec<{ maxBytes: number }>({
    status: 413,
    summary: 'A store request is larger than the embedded archive accepts.',
    remedy: 'Send fewer instances in one request; those that arrived whole before the limit are stored.',
    message: ({ maxBytes }) => `the request is larger than ${maxBytes} bytes`,
  }),
  'archive/unreadable-pixels': spec<{ reason: string }>({
    status: 406,
    summary: 'The frames of an instance cannot be separated, or it has no pixel data.',
    remedy: 'Retrieve the whole instance instead.',
    message: ({ reason }) => `no frames: ${reason}`,
  }),
} as const;
