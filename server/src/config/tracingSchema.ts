import { z } from 'zod';

/** Traces of requests, for whoever looks for what is slow. */
export const tracing = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .optional()
    .meta({
      description:
        'Send traces of requests, calls of the PACS, embedding and matching to this address (OTLP over HTTP with JSON), e.g. http://127.0.0.1:4318/v1/traces. They hold durations, names of this configuration and codes of errors, and nothing about a patient. Without it none are made',
    }),
  sampleRatio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({ description: 'Share of the requests that are traced, 0 to 1' }),
});
