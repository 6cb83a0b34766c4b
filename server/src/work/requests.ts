/**
 * What an order to a worker holds. The web process makes it, the worker reads it; both are of one version (see `worker-differs`).
 * @module
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SamepointError } from '../errors/index.ts';

const seriesRef = z.strictObject({
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  source: z.string().optional(),
});
const caller = z.strictObject({ authorization: z.string().optional() });
const affineSchema = z.tuple(Array.from({ length: 12 }, () => z.number()) as [z.ZodNumber, ...z.ZodNumber[]]);

/** An embedding of a series that the PACS has granted to the caller. */
const embeddingRequest = z.strictObject({
  series: seriesRef,
  model: z.string(),
  /** Digest of the instances that the PACS has listed. */
  instances: z.string(),
  caller,
});
/** An embedding in a turned world, of one that lies in the store. */
const turnedRequest = z.strictObject({ of: z.string(), turn: affineSchema, model: z.string() });
/** The field of a pair that the PACS has granted to the caller. */
const fieldRequest = z.strictObject({ query: seriesRef, target: seriesRef, model: z.string(), caller });

export type EmbeddingRequest = z.infer<typeof embeddingRequest>;
export type TurnedRequest = Omit<z.infer<typeof turnedRequest>, 'turn'> & {
  readonly turn: readonly number[];
};
export type FieldRequestOfWorker = z.infer<typeof fieldRequest>;

export const schemas = { embedding: embeddingRequest, turned: turnedRequest, field: fieldRequest } as const;

/** Reads the request of an order. @throws SamepointError `queue/worker-differs` where it is one of another version */
export function parseRequest<K extends keyof typeof schemas>(
  kind: K,
  request: unknown,
): z.infer<(typeof schemas)[K]> {
  const { data } = schemas[kind].safeParse(request);
  if (data === undefined) throw new SamepointError('queue/worker-differs', {});
  return data as z.infer<(typeof schemas)[K]>;
}

/** Stands for a list of instances. */
export function digestOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
