import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventStream } from '../testing/fakeServer.ts';
import type { ServerEvent } from './events.ts';
import { readEvents } from './events.ts';

async function read(chunks: readonly string[]): Promise<ServerEvent[]> {
  const { body } = eventStream(chunks);
  const events: ServerEvent[] = [];
  if (body !== null) for await (const event of readEvents(body)) events.push(event);
  return events;
}

describe('readEvents', () => {
  test('reads the example of the HTML standard', async () => {
    // HTML Living Standard, 9.2.6: four lines, the third event has no data and is not dispatched.
    const text =
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n';
    expect(await read([text])).toEqual([
      { type: 'message', data: 'first event' },
      { type: 'message', data: 'second event' },
      { type: 'message', data: ' third event' },
    ]);
  });

  test('joins several data lines and keeps the type of each event', async () => {
    expect(await read(['event: progress\ndata: a\ndata: b\n\nevent: done\n\ndata: c\n\n'])).toEqual([
      { type: 'progress', data: 'a\nb' },
      { type: 'message', data: 'c' },
    ]);
  });

  test('drops an event that the end of the stream cuts off', async () => {
    expect(await read(['data: whole\n\ndata: half'])).toEqual([{ type: 'message', data: 'whole' }]);
  });

  test('gives the same events however the bytes are cut and whichever line ends are used', async () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        lineEnd,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
        async (end, cuts) => {
          const text = [
            'event: progress',
            'data: {"a":1}',
            '',
            ': comment',
            'event: done',
            'data: x',
            '',
            'data: y',
            '',
          ];
          // A final line, so that the last empty line is known to be complete also where CR ends it.
          let rest = `${text.join(end)}${end}:${end}`;
          const chunks: string[] = [];
          for (const cut of cuts) {
            chunks.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          expect(
            await read([...chunks.filter((chunk) => chunk !== ''), rest].filter((chunk) => chunk !== '')),
          ).toEqual([
            { type: 'progress', data: '{"a":1}' },
            { type: 'done', data: 'x' },
            { type: 'message', data: 'y' },
          ]);
        },
      ),
    );
  });
});
