import type { z } from 'zod';
import type { ZodOpenApiRequestBodyObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { errorAnswer } from '../apiSchemas/index.ts';

/** A JSON answer. */
export function json(description: string, schema: z.ZodType): ZodOpenApiResponseObject {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON body that must be there. */
export function body(schema: z.ZodType): ZodOpenApiRequestBodyObject {
  return { required: true, content: { 'application/json': { schema } } };
}

type StatusCode = `${1 | 2 | 3 | 4 | 5}${string}`;

/** The error answers of the given status codes, and 500. Which errors have which status: docs/errors.md. */
export function errors(...statuses: readonly number[]): Record<StatusCode, ZodOpenApiResponseObject> {
  const entries = [...statuses, 500].map((status) => [
    String(status) as StatusCode,
    json('An error of the catalogue with this status', errorAnswer),
  ]);
  return Object.fromEntries(entries) as Record<StatusCode, ZodOpenApiResponseObject>;
}
