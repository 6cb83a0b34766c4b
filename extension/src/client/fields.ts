import { decodeField } from '../linked/field.ts';
import type { Field } from '../linked/field.ts';
import type { SeriesRef } from '../wire.ts';
import { requestComputed } from './computed.ts';
import type { Http } from './http.ts';
import type { FollowOptions } from './jobs.ts';

const FIELD = {
  path: 'fields',
  mediaType: 'application/vnd.samepoint.field',
  name: 'a deformation field',
  decode: decodeField,
};

/** The pair of series that a field is requested for. */
export interface FieldRequest {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** Gets a field; waits for the server's job where it has to be computed first. */
export async function requestField(
  http: Http,
  { query, target, model }: FieldRequest,
  options: FollowOptions,
): Promise<Field> {
  const body = { query, target, ...(model === undefined ? {} : { model }) };
  return await requestComputed(http, FIELD, body, options);
}
