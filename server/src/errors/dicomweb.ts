import { spec } from './spec.ts';

/** Errors of dicomweb/: talking to the PACS over QIDO-RS, WADO-RS and STOW-RS. */
export const dicomwebErrors = {
  'dicomweb/unreachable': spec<{ operation: string; reason: string }>({
    status: 502,
    summary: 'The PACS did not answer, or the connection broke, after all retries.',
    remedy:
      'Check that the PACS runs and that dicomweb.root in the server configuration points to it, then try again.',
    message: ({ operation, reason }) => `the PACS could not be reached for ${operation}: ${reason}`,
  }),
} as const;
