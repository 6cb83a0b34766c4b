/**
 * The sections of work that is done before a reader needs it: which studies, and with which credentials.
 * @module
 */
import { z } from 'zod';
import { providerUrl } from './authSchema.ts';

const MINUTE_MS = 60_000;

const positive = z.int().positive();
const codes = z.array(z.string().min(1).max(16));

/** Which series of a new study are embedded, and what of the patient's earlier studies. */
const rule = z.strictObject({
  modalities: codes.default([]),
  bodyParts: codes.default([]),
  minimumSlices: positive.default(20),
  series: positive.max(8).default(1),
  priors: z.int().min(0).max(20).default(2),
  findings: z.boolean().default(true),
});

/** Studies that have arrived in the PACS. */
export const arrival = z.strictObject({
  rules: z
    .array(rule)
    .min(1)
    .max(32)
    .default([rule.parse({})])
    .meta({
      json: true,
      description:
        'Which series of a new study are embedded: a list of rules, of which the first that fits a series counts. modalities and bodyParts (BodyPartExamined) are those that it fits, any where empty, and minimumSlices the least images; series is how many of a study are embedded, the most suitable first, priors how many earlier studies, findings whether their findings are looked for in the new one',
    }),
  directory: z.string().min(1).default('~/.local/state/samepoint/arrival').meta({
    path: true,
    description:
      'Folder of what is known of the arrivals, readable by its owner only: UIDs of studies, so that a restart misses none',
  }),
  pollMs: positive.min(1_000).default(MINUTE_MS).meta({
    description: 'Pause between two looks at a PACS',
  }),
  lookbackDays: z.int().min(0).max(365).default(3).meta({
    description:
      'A search for new studies looks at those dated (StudyDate) so many days before the last one, or later: how late a study may be sent',
  }),
  settleMs: z.int().min(0).default(MINUTE_MS).meta({
    description:
      'Time for which no image of a study comes until it counts as complete; Orthanc has its own (StableAge)',
  }),
  studiesAtOnce: positive.max(64).default(1).meta({
    description: 'Studies that are precomputed at a time; with queue.redis as many as there are workers',
  }),
  maxPending: positive.max(100_000).default(2_000).meta({
    description: 'Studies of one PACS that may wait to be precomputed; the oldest are given up beyond that',
  }),
  secret: z.string().min(32).optional().meta({
    secret: true,
    description:
      'Secret by which a PACS that reports new studies (POST /arrivals) is known, in the header Samepoint-Arrival-Secret. Without it none is accepted',
  }),
});

/** Credentials of this server itself. */
export const background = z.strictObject({
  authorization: z.string().min(1).optional().meta({
    secret: true,
    description:
      'Authorization header of work that no reader has requested (arrival). Never used for the request of a reader',
  }),
  issuer: providerUrl.optional().meta({
    description:
      'OpenID provider that gives this server tokens of its own for that work (client credentials)',
  }),
  clientId: z.string().min(1).optional().meta({ description: 'Client id of this server there' }),
  clientSecret: z.string().min(1).optional().meta({ secret: true, description: 'Its secret' }),
  scope: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Scope that is requested, where the PACS needs one' }),
  resource: z.string().min(1).optional().meta({
    description: 'Resource that the tokens are for (RFC 8707), where the provider needs one: mostly the PACS',
  }),
});

/** The sections that depend on each other. */
interface Depending {
  readonly background: z.infer<typeof background>;
}

/** Rules across the keys: where one is broken, the key and what it must be. */
export const backgroundRules: readonly {
  readonly path: [string, string];
  readonly error: string;
  readonly holds: (config: Depending) => boolean;
}[] = [
  {
    path: ['background', 'clientSecret'],
    error: 'background.issuer, clientId and clientSecret are set together',
    holds: ({ background: { issuer, clientId, clientSecret } }) =>
      new Set([issuer, clientId, clientSecret].map((one) => one === undefined)).size === 1,
  },
  {
    path: ['background', 'authorization'],
    error: 'cannot stand beside background.issuer: choose one of both',
    holds: ({ background: { issuer, authorization } }) => issuer === undefined || authorization === undefined,
  },
];
