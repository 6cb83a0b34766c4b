/**
 * How an order lies in Redis: a job whose name is what is to be made, so that equal orders are one job, and whose content is sealed.
 * @module
 */
import { z } from 'zod';
import { isSamepointError, remadeError, SamepointError } from '../errors/index.ts';
import type { Seal } from './sealing.ts';
import type { QueueSettings, Urgency, WorkOrder } from './types.ts';

/** What a job of BullMQ carries. */
export interface JobContent {
  readonly sealed: string;
}

/** How often work may lose its worker before it is given up: one that kills every worker would stop all of them. */
export const MAX_LOSSES = 3;

/** Equal orders have one name. BullMQ's own keys are separated by colons. */
export function jobIdOf({ kind, key }: Pick<WorkOrder, 'kind' | 'key'>): string {
  return `${kind}-${key}`;
}

/** A queue of BullMQ for each urgency: then background work never holds the place of a reader's. */
export function queueNameOf(urgency: Urgency): string {
  return urgency;
}

/** A sealed value opens for the job that it was made for. */
export function contextOf({ prefix }: Pick<QueueSettings, 'prefix'>, jobId: string): string {
  return `${prefix} ${jobId}`;
}

/** Where processes say that they want the result of a job. */
export function wantedKey({ prefix }: Pick<QueueSettings, 'prefix'>, jobId: string): string {
  return `${prefix}:wanted:${jobId}`;
}

const orderSchema = z.strictObject({
  /** Which process has given the order, and in which attempt. */
  by: z.string(),
  kind: z.enum(['embedding', 'turned', 'field']),
  key: z.string(),
  request: z.unknown(),
  /** The span that has given it, as `traceparent` of W3C Trace Context. */
  trace: z.string().exactOptional(),
});
/** An order as a worker reads it. */
export type SealedOrder = z.infer<typeof orderSchema>;

/** Reads an order. @throws SamepointError `queue/unreadable-order` */
export function openOrder(seal: Seal, sealed: unknown, context: string): SealedOrder {
  const { data } = orderSchema.safeParse(seal.open(sealed, context));
  if (data === undefined) throw new SamepointError('queue/unreadable-order', {});
  return data;
}

const failureSchema = z.strictObject({
  by: z.string(),
  /** True where the work was stopped because no process wanted it any more. */
  isWithdrawn: z.boolean(),
  code: z.string(),
  fields: z.record(z.string(), z.unknown()),
});

/** Why work has failed, as the process that waits for it needs it. */
export interface Failure {
  readonly by: string;
  readonly isWithdrawn: boolean;
  readonly error: SamepointError;
}

/** An error of the catalogue as it goes to the process that waits; others stay in the log of the worker. */
export function sealFailure(
  seal: Seal,
  { by, isWithdrawn, error }: Omit<Failure, 'error'> & { readonly error: unknown },
  context: string,
): string {
  const known = isSamepointError(error) ? error : new SamepointError('queue/work-failed', {});
  return seal.close({ by, isWithdrawn, code: known.code, fields: known.fields }, context);
}

/** What BullMQ says of a job whose workers have died too often. */
const LOST = /stalled/i;

/** Reads why work has failed. */
export function openFailure(seal: Seal, reason: string, context: string): Failure {
  const { data } = failureSchema.safeParse(seal.open(reason, context));
  const made = data && remadeError(data.code, data.fields);
  if (data !== undefined && made !== undefined) {
    return { by: data.by, isWithdrawn: data.isWithdrawn, error: made };
  }
  const error = LOST.test(reason)
    ? new SamepointError('queue/work-lost', { attempts: MAX_LOSSES + 1 })
    : new SamepointError('queue/unreadable-order', {});
  return { by: '', isWithdrawn: false, error };
}
