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

/** How new studies are noticed. */
const ARRIVALS = ['none', 'poll', 'orthanc', 'report'] as const;

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
  caFile: z.string().min(1).optional().meta({
    path: true,
    description: 'Certificates (PEM) by which the PACS is known, instead of those of the system',
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
  arrival: z.enum(ARRIVALS).default('none').meta({
    description:
      'How new studies are noticed, so that they are embedded before a reader opens them (see arrival): by searches (poll), by the list of changes of Orthanc (orthanc), or only because the PACS reports them (report; POST /arrivals)',
  }),
  orthancRoot: httpUrl.optional().meta({
    description:
      'Root of the REST API of Orthanc, such as http://orthanc.hospital.example:8042. Required with arrival orthanc',
  }),
});

/** What names a source, in the configuration, in requests and in metrics: no part of a path of DICOMweb. */
const sourceName = z.string().regex(/^(?!(?:studies|series|instances)$)[a-z][a-z\d-]{0,31}$/, {
  error: 'must be a name such as main: lower case letters, digits and "-"; not studies, series or instances',
});

/** The keys of one of several PACS: those of the section `dicomweb`, and what matters where there are others beside it. */
export const source = dicomweb.extend({
  issuerOfPatientId: z.string().min(1).max(64).optional().meta({
    description:
      'Issuer of the Patient IDs of this PACS where it names none itself (0010,0021). Studies of two sources are compared only where both issuers are known and equal',
  }),
  forwardAuthorization: z.boolean().default(true).meta({
    description:
      "Send this PACS the Authorization header of the viewer. false for a PACS in other hands, which must not get the readers' tokens: then authorization is used, and everybody who reaches the server has its rights there",
  }),
  ohifDataSources: z
    .array(z.string().min(1).max(128))
    .default([])
    .meta({ description: 'Names (sourceName) of the data sources of OHIF that show this PACS' }),
});

/** Several PACS by their names; the first one is that of requests that name none. */
export const sources = z
  .record(sourceName, source)
  .refine((all) => Object.keys(all).length > 0, { error: 'must name at least one source' })
  .refine(
    (all) => {
      const names = Object.values(all).flatMap(({ ohifDataSources }) => ohifDataSources);
      return new Set(names).size === names.length;
    },
    { error: 'each of the ohifDataSources belongs to one source' },
  );
