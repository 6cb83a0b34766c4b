import fc from 'fast-check';
import { createRandom, randomUid } from './random.ts';

test('UIDs are version 4 UUIDs in decimal form', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const uid = randomUid(createRandom(seed, 'test'));
      const value = BigInt(uid.replace('2.25.', ''));
      expect(value).toBeLessThan(1n << 128n);
      const hex = value.toString(16).padStart(32, '0');
      expect(hex).toMatch(/^.{12}4.{3}[89ab].{15}$/u);
    }),
  );
});

test('normal numbers have mean 0 and standard deviation 1', () => {
  const random = createRandom(9, 'normal');
  const values = Array.from({ length: 20_000 }, () => random.normal());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(variance).toBeCloseTo(1, 1);
});

test('streams of different names are different', () => {
  expect(createRandom(1, 'a').bits()).not.toBe(createRandom(1, 'b').bits());
});
