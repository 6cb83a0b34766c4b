/**
 * What requests to save have in common.
 * @module
 */
import type { Request } from 'express';
import { lpsPoint } from '../geometry/index.ts';
import type { SeriesPoint } from '../matching/index.ts';
import { parse } from '../exchange/index.ts';
import { reportHeaders } from '../apiSchemas/index.ts';
import type { WireSeriesPoint } from '../apiSchemas/index.ts';

/** A point of the wire. */
export function toSeriesPoint({ lps, pixel, ...point }: WireSeriesPoint): SeriesPoint {
  const { frameNumber, ...nearest } = pixel;
  return {
    ...point,
    lps: lpsPoint(...lps),
    pixel: { ...nearest, ...(frameNumber === undefined ? {} : { frameNumber }) },
  };
}

/** The key without its quotes, which older clients of the draft omit. */
export function idempotencyKeyOf(req: Request): string | undefined {
  const headers = { 'Idempotency-Key': req.get('Idempotency-Key') };
  return parse(reportHeaders, headers, 'header')['Idempotency-Key']?.replaceAll('"', '');
}

/** An object without its undefined properties. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the properties that are undefined: requests omit what they do not say. */
export function defined<T extends object>(value: T): Defined<T> {
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(given) as Defined<T>;
}
