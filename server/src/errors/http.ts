import { spec } from './spec.ts';

/** Errors of http/, application/ and config/: requests, jobs and configuration. */
export const httpErrors = {
  'http/invalid-request': spec<{ problems: readonly string[] }>({
    status: 400,
    summary: 'The request does not have the form that the API documents.',
    remedy: 'Correct the named fields; /openapi.json describes every request.',
    message: ({ problems }) => `invalid request: ${problems.join('; ')}`,
  }),
} as const;
