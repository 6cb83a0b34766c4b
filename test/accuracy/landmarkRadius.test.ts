import fc from 'fast-check';
import { balancedQuantile, landmarkRadiusMm } from './landmarkRadius.ts';

const errorOf = (name: string) => (errorMm: number) => ({ name, errorMm });
const oneToHundred = Array.from({ length: 100 }, (_, n) => n + 1);

describe('balancedQuantile', () => {
  it('is the 90 % quantile of one name', () => {
    expect(balancedQuantile(oneToHundred.map(errorOf('a')))).toBe(90);
  });

  it('counts each name alike, however often it occurs', () => {
    const rare = [20, 30, 40, 50, 60].map(errorOf('b'));
    const frequent = oneToHundred.map((n) => errorOf('a')(n / 10));
    // All of one name are below the others: nine tenths end with eight of ten of the other.
    expect(balancedQuantile([...frequent, ...rare])).toBe(50);
    expect(balancedQuantile([...frequent, ...frequent, ...rare])).toBe(50);
  });

  it('is infinite where more than a tenth was not found', () => {
    expect(balancedQuantile([...oneToHundred, ...Array<number>(20).fill(Infinity)].map(errorOf('a')))).toBe(
      Infinity,
    );
  });
});

describe('landmarkRadiusMm', () => {
  it('is the quantile where all patients are alike', () => {
    const patients = Array.from({ length: 8 }, () => oneToHundred.map(errorOf('a')));
    expect(landmarkRadiusMm(patients)).toBe(90);
  });

  it('is no smaller than the quantile of all, and larger where patients differ', () => {
    const patients = fc.array(
      fc.array(fc.integer({ min: 1, max: 40 }).map(errorOf('a')), { minLength: 4, maxLength: 8 }),
      { minLength: 6, maxLength: 10 },
    );
    fc.assert(
      fc.property(patients, (made) => {
        expect(landmarkRadiusMm(made)).toBeGreaterThanOrEqual(balancedQuantile(made.flat()));
      }),
      { numRuns: 8 },
    );
    const alike = Array.from({ length: 10 }, () => [5, 6, 7, 8].map(errorOf('a')));
    const different = [...alike.slice(1), [25, 26, 27, 28].map(errorOf('a'))];
    expect(landmarkRadiusMm(different)).toBeGreaterThan(landmarkRadiusMm(alike));
  });
});
