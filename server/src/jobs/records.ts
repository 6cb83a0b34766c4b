/**
 * Jobs as JSON for other servers of the same release. Errors of the catalogue go as code and fields, wherever they stand.
 * @module
 */
import { z } from 'zod';
import type { Owner } from '../access/index.ts';
import { isSamepointError, remadeError, SamepointError } from '../errors/index.ts';
import type { JobRecord, JobSnapshot } from './jobs.ts';

const errorSchema = z.strictObject({ errorCode: z.string(), fields: z.record(z.string(), z.unknown()) });

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSnapshot(value: unknown): value is JobSnapshot {
  return isObject(value) && 'id' in value && 'kind' in value && 'state' in value && 'progress' in value;
}

function isOwner(value: unknown): value is Owner {
  return isObject(value) && 'credentials' in value && 'share' in value;
}

/** What a server has sealed is of the types that it had: the seal says so, the form is verified to see other releases. */
const recordSchema = z.strictObject({
  server: z.string(),
  owner: z.custom<Owner>(isOwner),
  series: z.array(
    z.strictObject({
      studyInstanceUid: z.string(),
      seriesInstanceUid: z.string(),
      source: z.string().optional(),
    }),
  ),
  snapshot: z.custom<JobSnapshot>(isSnapshot),
});

/** A job, and the server that does it. */
export interface ServedRecord extends JobRecord {
  readonly server: string;
}

function mapValues(value: object, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(part)]));
}

function withoutErrors(value: unknown): unknown {
  if (isSamepointError(value)) return { errorCode: value.code, fields: value.fields };
  return isObject(value) ? mapValues(value, withoutErrors) : value;
}

function withErrors(value: unknown): unknown {
  const { data } = errorSchema.safeParse(value);
  if (data !== undefined) {
    return remadeError(data.errorCode, data.fields) ?? new SamepointError('queue/worker-differs', {});
  }
  return isObject(value) ? mapValues(value, withErrors) : value;
}

/** The record as a value of JSON. */
export function recordToJson(record: ServedRecord): unknown {
  return withoutErrors(record);
}

/** The record that another server has written; undefined where it is none. */
export function recordFromJson(value: unknown): ServedRecord | undefined {
  const { data } = recordSchema.safeParse(withErrors(value));
  if (data === undefined) return undefined;
  const series = data.series.map(({ source, ...ref }) => (source === undefined ? ref : { ...ref, source }));
  return { ...data, series };
}
