import fc from 'fast-check';
import { matches, matchesWildcard } from './matching.ts';

test.each([
  ['PN', [{ Alphabetic: 'Müller^Jörg', Ideographic: '山田^太郎' }], 'müller*', true],
  ['PN', [{ Alphabetic: 'Müller^Jörg' }], '*jörg', true],
  ['PN', [{ Alphabetic: 'Müller^Jörg', Ideographic: '山田^太郎' }], '山田*', true],
  ['PN', [{ Alphabetic: 'Müller^Jörg' }], 'M?ller', false],
  ['LO', ['CT Abdomen'], 'CT Abdomen', true],
  ['LO', ['CT Abdomen'], 'Abdomen', false],
  ['LO', ['a.b'], 'a?b', true],
  ['LO', ['a+b'], 'a+b', true],
  ['LO', ['aab'], 'a+b', false],
  ['CS', ['CT', 'SR'], 'SR', true],
  ['CS', ['CT'], 'MR,CT', true],
  ['CS', ['CT'], 'MR\\PT', false],
  ['UI', ['1.2.3'], '1.2.3', true],
  ['UI', ['1.2.3'], '9,1.2.3', true],
  ['UI', ['1.2.3'], '1.2', false],
  ['UI', ['1.2.3'], '1.2.*', false],
  ['IS', [7], '7', true],
  ['IS', ['7 '], '07', true],
  ['IS', [7], '8', false],
  ['DA', ['20240131'], '20240131', true],
  ['DA', ['2024.01.31'], '20240131', true],
  ['DA', ['20240131'], '20240131-20240201', true],
  ['DA', ['20240131'], '20240101-20240131', true],
  ['DA', ['20240131'], '20240131-', true],
  ['DA', ['20240131'], '-20240130', false],
  ['DA', ['20240131'], '20240201-', false],
  ['DA', ['20240131'], '2024', true],
  ['TM', ['105539.5'], '10-11', true],
  ['TM', ['105539.5'], '1000-1055', true],
  ['TM', ['105539.5'], '1056-', false],
  ['TM', ['10:55:39'], '1055', true],
  ['DT', ['20240131105539-0500'], '20240131', true],
  ['DT', ['20240131105539'], '20240131-20240201', true],
  ['DT', ['20240131105539'], '20240201-', false],
  ['LO', ['x'], '', true],
  ['LO', [], '*', true],
  ['LO', [], 'x', false],
])('%s %p matched by %p: %p', (vr, values, key, expected) => {
  expect(matches(vr, values, key)).toBe(expected);
});

test('wildcards agree with regular expressions', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '^', '.'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '^', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (value, key) => {
      const regular = key.replace(/[.^]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
      expect(matchesWildcard(value, key)).toBe(new RegExp(`^${regular}$`).test(value));
    }),
    { numRuns: 2000 },
  );
});

test('a key made to explode does not', () => {
  expect(matchesWildcard('a'.repeat(5000), `${'*a'.repeat(500)}b`)).toBe(false);
});
