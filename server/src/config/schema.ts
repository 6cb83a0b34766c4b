import { z } from 'zod';
import { EXECUTION_PROVIDERS } from '../model/index.ts';
import { arrival, background, backgroundRules } from './arrivalSchema.ts';
import { auth } from './authSchema.ts';
import { queue, queueRules, store } from './queueSchema.ts';
import { dicomweb, sources } from './sourceSchema.ts';
import { tracing } from './tracingSchema.ts';

/**
 * Every key of the server configuration, in one place: it validates, it documents (docs/configuration.md is generated
 * from it) and it types. Units are part of the names. A leaf's `meta` carries its description and, where it applies,
 * `path` (a file or folder, made absolute), `secret` (never printed) and `json` (its variable holds JSON).
 * @module
 */

const MINUTE_MS = 60_000;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

const positive = z.int().positive();
const port = z.int().min(0).max(65_535);

/** An origin as browsers send it: scheme, host and port, no path, no trailing slash. */
const origin = z.string().regex(/^https?:\/\/[^/\s*]+$/, {
  error: 'must be an origin such as https://viewer.hospital.example, without a path',
});

/** A host name without port, as in the Host header (RFC 9110 7.2). */
const hostName = z.string().regex(/^[\w.-]+$|^\[[\da-f:]+\]$/i, {
  error: 'must be a host name without scheme and port, such as viewer.hospital.example',
});

const http = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ description: 'Address to listen on. Only this machine by default; 0.0.0.0 for every interface' }),
  port: port.default(8480).meta({ description: 'Port to listen on; 0 selects any free one' }),
  basePath: z
    .string()
    .regex(/^(\/[\w.~-]+)+$/, { error: 'must be a path such as /samepoint, without a trailing slash' })
    .default('/samepoint')
    .meta({ description: 'Path under which everything of Samepoint is served' }),
  allowedOrigins: z.array(origin).default([]).meta({
    description: 'Origins of viewers that may call the API from another host. The own origin needs no entry',
  }),
  allowedHosts: z.array(hostName).default([]).meta({
    description:
      'Host names of reverse proxies, as browsers send them. A server that listens on this machine only answers for its own names and these; any other answers for every name unless this list has entries',
  }),
  trustProxyHops: z.int().min(0).max(10).default(0).meta({
    description:
      'Number of reverse proxies in front, so that the rate limit sees the address of the workstation',
  }),
  requestsPerMinute: positive.default(600).meta({ description: 'Requests of one address in a minute' }),
  imageRequestsPerMinute: positive.default(30_000).meta({
    description:
      'The same below /dicom-web, where a viewer requests each slice: more than one workstation loads over a gigabit network',
  }),
  bodyLimitBytes: positive.default(MIB).meta({ description: 'Largest body of an API request' }),
  bodyTimeoutMs: positive.default(20_000).meta({
    description: 'Time for the body of an API request to arrive',
  }),
  maxOpenBodies: positive.default(256).meta({
    description: 'Requests whose bodies are on their way at a time; further ones are answered 503',
  }),
  maxOpenBodiesPerCaller: positive.default(32).meta({ description: 'The same for one address' }),
  maxEventStreams: positive.default(512).meta({
    description: 'Event streams that are open at a time; further ones are answered 503',
  }),
  maxEventStreamsPerCaller: positive.default(32).meta({
    description: 'The same for one user, and for one address',
  }),
  headersTimeoutMs: positive.default(15_000).meta({
    description: 'Time for the headers of a request to arrive; then the connection is closed',
  }),
  requestTimeoutMs: positive.default(5 * MINUTE_MS).meta({
    description: 'Time for a whole request to arrive, images that are stored included',
  }),
  maxConnections: positive.default(2_000).meta({
    description: 'Connections that are open at a time; further ones are closed',
  }),
  maxConnectionsPerAddress: positive.default(256).meta({
    description:
      'The same for one address. Not counted for this machine, nor with http.trustProxyHops, where every connection is that of the proxy',
  }),
  keepAliveMs: positive.default(15_000).meta({
    description: 'Pause after which an event stream sends a comment, so that proxies keep it open',
  }),
  shutdownTimeoutMs: positive.default(10_000).meta({
    description: 'Time for running requests to end when the server is stopped',
  }),
  crossOriginIsolation: z.boolean().default(false).meta({
    description: 'Send the COOP, COEP and CORP headers, which give the viewer SharedArrayBuffer',
  }),
});

const archive = z.strictObject({
  directory: z.string().min(1).optional().meta({
    path: true,
    description:
      'Folder of an embedded DICOMweb archive, served at /dicom-web: for demonstrations, not a PACS. Not served when absent',
  }),
});

const viewer = z.strictObject({
  directory: z.string().min(1).optional().meta({
    path: true,
    description:
      'Folder of a prebuilt OHIF viewer (dist of @ohif/app), served at /, with the PACS at /dicom-web. Not served when absent',
  }),
  appConfig: z.string().min(1).optional().meta({
    path: true,
    description: 'File that replaces the app-config.js of that viewer',
  }),
});

const extension = z.strictObject({
  file: z.string().min(1).default('{samepoint}/extension/dist/samepoint.js').meta({
    path: true,
    description: 'The built OHIF extension, served as <basePath>/extension.js',
  }),
});

const models = z.strictObject({
  directory: z.string().min(1).default('{samepoint}/models').meta({
    path: true,
    description: 'Folder with one folder per model (model.json and its files)',
  }),
  default: z.string().min(1).optional().meta({
    description:
      'Model of requests that name none. Without it, the default that the models themselves declare',
  }),
});

const embedding = z.strictObject({
  providers: z.array(z.enum(EXECUTION_PROVIDERS)).min(1).default(['cuda', 'coreml', 'webgpu', 'cpu']).meta({
    description:
      'Execution providers in the order in which they are tried; cuda needs "npm run setup -- --gpu cuda", webgpu a graphics adapter',
  }),
  threads: z.int().min(0).default(0).meta({ description: 'Threads of the inference; 0 = one per core' }),
  decodeThreads: z.int().min(0).default(0).meta({
    description: 'Threads that decode compressed images; 0 = one per core',
  }),
  queueLimit: positive.default(16).meta({
    description: 'Series that may wait for their embedding; further ones are answered 503',
  }),
  queueLimitPerCaller: positive.default(8).meta({
    description:
      'Those of one user, or of one address where there are no credentials (behind a reverse proxy set http.trustProxyHops); users are served in turns of a pair each',
  }),
  cacheDirectory: z.string().min(1).default('~/.cache/samepoint/embeddings').meta({
    path: true,
    description: 'Folder of the embeddings and a 2 mm copy of the intensities: protect it like images',
  }),
  cacheMaxBytes: positive.default(20 * GIB).meta({
    description: 'Size of that folder; embeddings that were not used for longest go first',
  }),
});

/** Code, model and threads use about 0.6 GiB; with less than half of it free nothing could be read. */
const LEAST_MEMORY_BYTES = 1.25 * GIB;

const memory = z.strictObject({
  maxBytes: z
    .int()
    .min(LEAST_MEMORY_BYTES)
    .default(4 * GIB)
    .meta({
      description:
        'Memory that the server and its inference process use together. Series that do not fit at a time are read one after another, one that never fits is refused, embeddings stay in memory while it is free. A series of 2,000 slices of 512 x 512 needs 1.5 GiB, code and model 0.6 GiB',
    }),
});

const jobs = z.strictObject({
  maxJobs: positive.default(200).meta({ description: 'Jobs that are remembered, running or finished' }),
  maxJobsPerCaller: positive.default(50).meta({
    description: 'Those of one user, or of one address where there are no credentials',
  }),
  retentionMs: positive.default(10 * MINUTE_MS).meta({
    description: 'Time for which a finished job can still be requested',
  }),
});

const access = z.strictObject({
  memoMs: z.int().min(0).max(MINUTE_MS).default(5_000).meta({
    description:
      "Time for which the PACS' answer that a user may see a series is remembered; 0 sends a request for each click",
  }),
});

const log = z.strictObject({
  level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info').meta({
    description: 'What is logged. No level logs patient data, credentials or UIDs',
  }),
  uidHashKey: z.string().min(16).optional().meta({
    secret: true,
    description:
      'Key of the hashes that stand for UIDs in the log. Without it each start has its own, and logs cannot be joined',
  }),
});

const metrics = z.strictObject({
  enabled: z.boolean().default(true).meta({
    description:
      'Serve metrics for Prometheus as <basePath>/metrics. They are numbers and durations, without anything about a patient',
  }),
  port: port.min(1).optional().meta({
    description:
      'A port of its own for /metrics, /health/live and /health/ready, which the reverse proxy of the viewers does not reach; then <basePath>/metrics is not served',
  }),
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'Address on which that port is open' }),
});

const audit = z.strictObject({
  destination: z.enum(['file', 'syslog', 'none']).default('file').meta({
    description:
      'Where the audit trail goes: who saw, matched and saved which study, as DICOM audit messages (PS3.15 A.5)',
  }),
  file: z.string().min(1).default('~/.local/state/samepoint/audit.log').meta({
    path: true,
    description:
      'File of the audit trail, one message a line, readable by its owner only. It names patients. Never deleted; may be renamed at any time (logrotate)',
  }),
  syslogHost: hostName.optional().meta({
    description: 'Audit record repository, with destination syslog (RFC 5424)',
  }),
  syslogPort: port.min(1).default(6514).meta({ description: 'Its port: 6514 for tls, mostly 514 for udp' }),
  syslogTransport: z.enum(['tls', 'tcp', 'udp']).default('tls').meta({
    description:
      'RFC 5425, RFC 6587 or RFC 5426. Only tls keeps the trail from being read and changed on its way',
  }),
  syslogCaFile: z.string().min(1).optional().meta({
    path: true,
    description: 'Certificates (PEM) by which the repository is known, instead of those of the system',
  }),
  hashUsers: z.boolean().default(false).meta({
    description: 'Write a keyed hash in the place of each user name; needs audit.hashKey',
  }),
  hashKey: z.string().min(16).optional().meta({
    secret: true,
    description: 'Key of these hashes: who has it can find out whether an entry is about a given user',
  }),
  sourceId: z
    .string()
    .min(1)
    .max(64)
    .default('samepoint')
    .meta({ description: 'AuditSourceID of this server' }),
  siteId: z.string().min(1).max(64).optional().meta({ description: 'AuditEnterpriseSiteID of the hospital' }),
});

/** Sections of the configuration, in the order of the documentation. */
export const sections = {
  http,
  dicomweb,
  models,
  embedding,
  memory,
  queue,
  store,
  extension,
  jobs,
  access,
  auth,
  background,
  arrival,
  metrics,
  tracing,
  audit,
  log,
  viewer,
  archive,
} as const;

/** The whole configuration: unknown keys are refused, absent ones get their default. */
export const configSchema = z
  .strictObject({
    http: http.prefault({}),
    dicomweb: dicomweb.prefault({}),
    sources: sources.optional(),
    models: models.prefault({}),
    embedding: embedding.prefault({}),
    memory: memory.prefault({}),
    queue: queue.prefault({}),
    store: store.prefault({}),
    extension: extension.prefault({}),
    jobs: jobs.prefault({}),
    access: access.prefault({}),
    auth: auth.prefault({}),
    background: background.prefault({}),
    arrival: arrival.prefault({}),
    metrics: metrics.prefault({}),
    tracing: tracing.prefault({}),
    audit: audit.prefault({}),
    log: log.prefault({}),
    viewer: viewer.prefault({}),
    archive: archive.prefault({}),
  })
  .refine((config) => config.viewer.directory === undefined || config.viewer.appConfig !== undefined, {
    path: ['viewer', 'appConfig'],
    error: 'is required when viewer.directory is set',
  })
  .refine((config) => config.audit.destination !== 'syslog' || config.audit.syslogHost !== undefined, {
    path: ['audit', 'syslogHost'],
    error: 'is required when audit.destination is syslog',
  })
  .refine((config) => !config.audit.hashUsers || config.audit.hashKey !== undefined, {
    path: ['audit', 'hashKey'],
    error: 'is required when audit.hashUsers is set',
  })
  .refine(({ dicomweb: { arrival, orthancRoot } }) => arrival !== 'orthanc' || orthancRoot !== undefined, {
    path: ['dicomweb', 'orthancRoot'],
    error: 'is required with arrival orthanc',
  })
  .superRefine((config, context) => {
    for (const { path, error, holds } of [...queueRules, ...backgroundRules])
      if (!holds(config)) context.addIssue({ code: 'custom', path, message: error });
  });

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A validated configuration: every default filled in, every path absolute, frozen at every level. */
export type Config = DeepReadonly<z.infer<typeof configSchema>>;
