import { expect, test } from '@jest/globals';
import { foundIn, refOf, SERVER_ERROR } from '../testing/examples.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { MatchAnswer, MatchRequest } from '../wire.ts';

const REQUEST: MatchRequest = {
  query: refOf('current'),
  targets: [refOf('prior')],
  points: [{ id: 'p', lps: [1, 2, 3] }],
};
const ANSWER: MatchAnswer = { matches: [foundIn('current', 'prior')], warnings: [] };
const JOB = { id: 'j', kind: 'match', progress: { stage: 'embed', fraction: 0.5, message: 'half' } };
const LOST = { ...SERVER_ERROR, code: 'queue/server-lost' };

/** Servers that end before their answers, and then one that answers. */
function serversOf(lost: number): FakeServer {
  let sent = 0;
  const failed = JSON.stringify({ ...JOB, state: 'failed', error: LOST });
  return new FakeServer({
    'POST /matches': () => (sent++ < lost ? json(202, { ...JOB, state: 'queued' }) : json(200, ANSWER)),
    'GET /jobs/j/events': () => eventStream([`event: failed\ndata: ${failed}\n\n`]),
  });
}

const options = { signal: new AbortController().signal, onProgress: () => undefined };

test('a match whose server has ended is begun on another one', async () => {
  expect(await serversOf(1).client.match(REQUEST, options)).toEqual(ANSWER);
});

test('one whose servers end again and again fails in words', async () => {
  const servers = serversOf(Infinity);
  await expect(servers.client.match(REQUEST, options)).rejects.toMatchObject({ code: LOST.code });
  expect(servers.seen.filter(({ method }) => method === 'POST')).toHaveLength(2);
});
