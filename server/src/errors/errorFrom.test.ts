import { runInNewContext } from 'node:vm';
import { errorFrom } from './errorFrom.ts';

test.each([
  ['an error', new RangeError('too long'), 'too long'],
  ['a text', 'attempt to read past end of buffer', 'attempt to read past end of buffer'],
  ['a number', 17, 'exception 17'],
  ['an object around a text', { exception: 'buffer overrun', dataSet: {} }, 'buffer overrun'],
  ['an object around an error', { exception: new TypeError('no') }, 'no'],
  ['an error of another realm', runInNewContext('new Error("elsewhere")'), 'elsewhere'],
  ['nothing', undefined, 'a thrown undefined'],
  ['null', null, 'a thrown null'],
  ['an object', {}, 'a thrown object'],
])('%s', (_, thrown: unknown, message) => {
  const error = errorFrom(thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe(message);
});

test('exceptions that hold themselves end', () => {
  const thrown: { exception?: unknown } = {};
  thrown.exception = thrown;
  expect(errorFrom(thrown).message).toBe('a thrown object');
});
