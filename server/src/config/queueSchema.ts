import { z } from 'zod';

const positive = z.int().positive();
const GRACE_MS = 30_000;

/** An address of Redis without a password: that would be printed, and seen in the list of processes. */
const redisUrl = z
  .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL', abort: true })
  .refine((text) => new URL(text).password === '', {
    error: 'must not hold a password; set queue.password (or SAMEPOINT_QUEUE_PASSWORD)',
  });

/** Work that other processes do. */
export const queue = z.strictObject({
  redis: redisUrl.optional().meta({
    description:
      'Redis 6.2 or Valkey 7.2, or later, from which "samepoint worker" processes get their work: rediss://redis.hospital.example:6380/0. The server then embeds nothing itself. Without it all is done in one process',
  }),
  username: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'User of Redis (ACL); the default user where absent' }),
  password: z.string().min(1).optional().meta({ secret: true, description: 'Password of that user' }),
  caFile: z.string().min(1).optional().meta({
    path: true,
    description: 'Certificates (PEM) by which Redis is known, instead of those of the system',
  }),
  prefix: z
    .string()
    .regex(/^[\w{}.-]{1,64}$/, { error: 'must be letters, digits, ".", "_", "-", "{" and "}"' })
    .default('samepoint')
    .meta({ description: 'Begins every key in Redis: servers with different prefixes share no work' }),
  key: z.string().min(32).optional().meta({
    secret: true,
    description:
      'Secret of 32 characters or more, the same on all servers and workers, with which everything in Redis is encrypted (AES-256-GCM): the credentials of the caller and UIDs. Needed with queue.redis',
  }),
  lockMs: positive.min(2_000).default(GRACE_MS).meta({
    description: 'Time without a sign of life after which the work of a worker is begun again by another one',
  }),
  patienceMs: positive.default(2 * GRACE_MS).meta({
    description: 'Time for which requests that wait already bear with a Redis that does not answer',
  }),
  board: z.boolean().default(false).meta({
    description:
      'Show the queues to administrators as <basePath>/board (Bull Board): how much waits, runs and has failed, nothing of what it is about. Needs queue.redis, and auth.oidc, which knows administrators',
  }),
  interactiveSlots: positive.max(16).default(2).meta({
    description: 'Series that one worker has in work at a time because a reader waits for them',
  }),
  backgroundSlots: positive.max(16).default(1).meta({
    description:
      'The same for series that are embedded before a reader needs them; these places are never those of readers',
  }),
});

/** Where embeddings are kept. */
export const store = z.strictObject({
  type: z.enum(['own', 'shared', 's3']).default('own').meta({
    description:
      'Where embeddings are kept: in embedding.cacheDirectory, which is of this server (own) or of several servers and workers (shared, also on NFS), or in a bucket (s3)',
  }),
  bucket: z.string().min(3).optional().meta({ description: 'Bucket of embeddings, with store.type s3' }),
  keyPrefix: z
    .string()
    .regex(/^[\w./-]{0,256}$/, { error: 'must be letters, digits, ".", "_", "-" and "/"' })
    .default('samepoint/')
    .meta({ description: 'Begins the name of every object in the bucket' }),
  region: z.string().min(1).default('us-east-1').meta({ description: 'Region of the bucket' }),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .optional()
    .meta({ description: 'Root of the S3 server; that of AWS for the region where absent' }),
  forcePathStyle: z.boolean().default(false).meta({
    description:
      'Name the bucket in the path instead of the host name, which most servers other than AWS need',
  }),
  accessKeyId: z.string().min(1).optional().meta({
    description: 'Access key; that of the environment (AWS_ACCESS_KEY_ID, role of the machine) where absent',
  }),
  secretAccessKey: z
    .string()
    .min(1)
    .optional()
    .meta({ secret: true, description: 'Secret of the access key' }),
});

/** The sections that depend on each other. */
interface Depending {
  readonly queue: z.infer<typeof queue>;
  readonly store: z.infer<typeof store>;
  readonly auth: { readonly oidc?: unknown };
}

/** Rules across both sections: where one is broken, the key and what it must be. */
export const queueRules: readonly {
  readonly path: [string, string];
  readonly error: string;
  readonly holds: (config: Depending) => boolean;
}[] = [
  {
    path: ['queue', 'key'],
    error: 'is required when queue.redis is set: openssl rand -base64 32',
    holds: (config) => config.queue.redis === undefined || config.queue.key !== undefined,
  },
  {
    path: ['queue', 'board'],
    error: 'needs queue.redis and auth.oidc: the queues are shown to administrators only',
    holds: ({ queue: { board, redis }, auth: { oidc } }) =>
      !board || (redis !== undefined && oidc !== undefined),
  },
  {
    path: ['store', 'type'],
    error: 'must be shared or s3 when queue.redis is set: servers and workers find embeddings there',
    holds: (config) => config.queue.redis === undefined || config.store.type !== 'own',
  },
  {
    path: ['store', 'bucket'],
    error: 'is required when store.type is s3',
    holds: (config) => config.store.type !== 's3' || config.store.bucket !== undefined,
  },
  {
    path: ['store', 'secretAccessKey'],
    error: 'is set if and only if store.accessKeyId is',
    holds: ({ store: { accessKeyId, secretAccessKey } }) =>
      (accessKeyId === undefined) === (secretAccessKey === undefined),
  },
];
