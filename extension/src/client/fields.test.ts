/** Fields from the server: at once, or after a job. */
import { describe, expect, test } from '@jest/globals';
import { encodeField, fieldOf, sampleLattice } from '../linked/testing/encodeField.ts';
import { refOf, SERVER_ERROR } from '../testing/examples.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { Routes } from '../testing/fakeServer.ts';
import type { Field } from '../linked/field.ts';
import type { ViewerFailure } from './failure.ts';

const lattice = sampleLattice({ min: [0, 0, 0], max: [20, 20, 20], spacingMm: 10, map: (lps) => lps });
const FIELD = fieldOf({
  query: { ...refOf('current'), frameOfReferenceUid: '1.2.current.7' },
  target: { ...refOf('prior'), frameOfReferenceUid: '1.2.prior.7' },
  forward: lattice,
  inverse: lattice,
});

function fieldAnswer(bytes = encodeField(FIELD), type = 'application/vnd.samepoint.field'): Response {
  return new Response(Uint8Array.from(bytes), { status: 200, headers: { 'content-type': type } });
}

const JOB = { id: 'j', kind: 'field', progress: { stage: 'match', fraction: 0.5, message: '' } };

function done(): Response {
  return eventStream([`event: done\ndata: ${JSON.stringify({ ...JOB, state: 'done', result: {} })}\n\n`]);
}

function request(routes: Routes): { readonly server: FakeServer; readonly result: Promise<Field> } {
  const server = new FakeServer(routes);
  const result = server.client.field(
    { query: refOf('current'), target: refOf('prior') },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  return { server, result };
}

async function failureOf(result: Promise<unknown>): Promise<ViewerFailure> {
  return await result.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as ViewerFailure,
  );
}

describe('field', () => {
  test('that the server has is one request', async () => {
    const { server, result } = request({ 'POST /fields': () => fieldAnswer() });
    expect(await result).toEqual(FIELD);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ body: { query: refOf('current'), target: refOf('prior') } });
    expect(server.seen[0]?.headers['accept']).toContain('application/vnd.samepoint.field');
  });

  test('that is computed first is requested again when the job is done', async () => {
    let requests = 0;
    const { result } = request({
      'POST /fields': () => ((requests += 1) === 1 ? json(202, { ...JOB, state: 'queued' }) : fieldAnswer()),
      'GET /jobs/j/events': done,
    });
    expect(await result).toEqual(FIELD);
    expect(requests).toBe(2);
  });

  test('a server that answers with jobs for ever is given up', async () => {
    const { server, result } = request({
      'POST /fields': () => json(202, { ...JOB, state: 'queued' }),
      'GET /jobs/j/events': done,
    });
    expect((await failureOf(result)).detail).toBe('a job without a deformation field');
    expect(server.seen.filter(({ path }) => path === '/fields')).toHaveLength(3);
  });

  test.each<[string, () => Response, string]>([
    ['a page of a proxy', () => fieldAnswer(encodeField(FIELD), 'text/html'), 'viewer/unexpected-answer'],
    [
      'a field that is cut off',
      () => fieldAnswer(encodeField(FIELD).subarray(0, 900)),
      'viewer/unexpected-answer',
    ],
    ['an error of the server', () => json(422, { error: SERVER_ERROR }), 'matching/in-air'],
  ])('%s is a failure in words', async (_, answer, code) => {
    expect((await failureOf(request({ 'POST /fields': answer }).result)).code).toBe(code);
  });
});
