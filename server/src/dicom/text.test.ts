import fc from 'fast-check';
import { withoutPadding, withoutTrailing } from './text.ts';

test('the padding of the standard is removed, at the end only', () => {
  expect(withoutPadding('1.2.3\0')).toBe('1.2.3');
  expect(withoutPadding(' CT  \0 ')).toBe(' CT');
  expect(withoutPadding('\0 ')).toBe('');
  expect(withoutPadding('')).toBe('');
  expect(withoutTrailing('http://pacs//', '/')).toBe('http://pacs');
});

test('the same as the expression that it stands for', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\0', ' ', 'a', '\\') }), (text) => {
      // eslint-disable-next-line regexp/no-super-linear-move
      expect(withoutPadding(text)).toBe(text.replace(/[\0 ]+$/, ''));
    }),
  );
});

test('megabytes of padding in the middle need no time', () => {
  const text = `${' \0'.repeat(2_000_000)}x`;
  const start = performance.now();
  expect(withoutPadding(text)).toBe(text);
  // The expression would need hours.
  expect(performance.now() - start).toBeLessThan(1_000);
});
