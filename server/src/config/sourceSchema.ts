/**
 * The keys of one PACS: of the section `dicomweb`, and of each entry of `sources`.
 * @module
 */
import { z } from 'zod';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const GIB = 2 ** 30;

const positive = z.int().positive();

/** Credentials in a URL end up in logs and error messages. */
function hasOnlyPath({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].every((part) => part === '');
}

/** DICOMweb over anything but http(s) would let a configuration read files or other protocols. */
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL', abort: true })
  .refine((text) => hasOnlyPath(new URL(text)), {
    error: 'must be a plain URL: no user, password, query or fragment (use dicomweb.authorization)',
  });
/** The one PACS of most hospitals. */
export const dicomweb = z.strictObject({
  root: httpUrl.optional().meta({
    description:
      'DICOMweb root of the PACS (QIDO-RS, WADO-RS and STOW-RS). Required, unless archive.directory or qidoRoot and wadoRoot are set',
  }),
  authorization: z.string().min(1).optional().meta({
    secret: true,
    description:
      'Authorization header for requests of viewers that send none. Everybody who reaches the server then has these rights',
  }),
  timeoutMs: positive.default(MINUTE_MS).meta({
    description: 'Longest silence of the PACS before a request is given up',
  }),
  minBytesPerSecond: z.int().min(0).default(10_000).meta({
    description:
      'Slowest answer of the PACS that is waited for, bytes/s over a wait of timeoutMs; 0 waits for any. A slower one gives its place to the next series',
  }),
  seriesTimeoutMs: positive
    .max(DAY_MS)
    .default(15 * MINUTE_MS)
    .meta({
      description: 'Longest time for the images of one series to arrive, retries included',
    }),
  retries: z.int().min(0).max(10).default(2).meta({
    description: 'Further attempts after a 5xx answer or a broken connection',
  }),
  maxSeriesBytes: positive.default(4 * GIB).meta({ description: 'Largest series that is read' }),
  qidoRoot: httpUrl.optional().meta({
    description:
      'Root of searches (QIDO-RS) where it is another one than root; the value of the same name in the configuration of OHIF',
  }),
  wadoRoot: httpUrl.optional().meta({
    description: 'The same of retrieval (WADO-RS)',
  }),
  stowRoot: httpUrl.optional().meta({
    description: 'The same of storing (STOW-RS). Without it and without root, wadoRoot is used, as OHIF does',
  }),
});
