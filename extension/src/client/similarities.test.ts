/** Similarity maps from the server: at once, or after a job. */
import { expect, test } from '@jest/globals';
import { decodeSimilarity } from '../fusion/similarityVolume.ts';
import type { SimilarityVolume } from '../fusion/similarityVolume.ts';
import { encodeSimilarity } from '../fusion/testing/encodeSimilarity.ts';
import { refOf, SERVER_ERROR } from '../testing/examples.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { Routes } from '../testing/fakeServer.ts';

const QUERY = { ...refOf('current'), lps: [1, 2, 3] as const };
const JOB = { id: 'j', kind: 'similarity', progress: { stage: 'embed', fraction: 0.5, message: '' } };

function answer(bytes = encodeSimilarity(), type = 'application/vnd.samepoint.similarity'): Response {
  return new Response(Uint8Array.from(bytes), { status: 200, headers: { 'content-type': type } });
}

function request(routes: Routes): {
  readonly server: FakeServer;
  readonly result: Promise<SimilarityVolume>;
} {
  const server = new FakeServer(routes);
  const result = server.client.similarity(
    { query: QUERY, target: refOf('prior'), model: 'm' },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  return { server, result };
}

test('a map is requested with the point, the series and the model', async () => {
  const { server, result } = request({ 'POST /similarities': () => answer() });
  expect(await result).toEqual(decodeSimilarity(encodeSimilarity()));
  expect(server.seen).toMatchObject([{ body: { query: QUERY, target: refOf('prior'), model: 'm' } }]);
});

test('a map whose series have to be analysed first is requested again when the job is done', async () => {
  let requests = 0;
  const { result } = request({
    'POST /similarities': () => ((requests += 1) === 1 ? json(202, { ...JOB, state: 'queued' }) : answer()),
    'GET /jobs/j/events': () =>
      eventStream([`event: done\ndata: ${JSON.stringify({ ...JOB, state: 'done', result: {} })}\n\n`]),
  });
  expect(await result).toEqual(decodeSimilarity(encodeSimilarity()));
  expect(requests).toBe(2);
});

test.each<[string, () => Response, string]>([
  ['a page of a proxy', () => answer(encodeSimilarity(), 'text/html'), 'viewer/unexpected-answer'],
  ['a map that is cut off', () => answer(encodeSimilarity().subarray(0, 70)), 'viewer/unexpected-answer'],
  ['an error of the server', () => json(422, { error: SERVER_ERROR }), 'matching/in-air'],
])('%s is a failure in words', async (_, response, code) => {
  const { result } = request({ 'POST /similarities': response });
  await expect(result).rejects.toMatchObject({ code });
});
