import { createLogger } from './logging.ts';

test.each([
  [
    'a text',
    'attempt to read past end of buffer of 1.2.840.113619.2.55',
    'attempt to read past end of buffer of uid:',
  ],
  ['a number', 17, 'exception 17'],
  ['an object around a text', { exception: 'buffer overrun' }, 'buffer overrun'],
])('the log says what was thrown where it is no error: %s', (_, thrown, message) => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
  logger.error({ err: thrown }, 'request failed unexpectedly');
  expect(lines.join('')).toContain(message);
  expect(lines.join('')).not.toContain('113619');
});
