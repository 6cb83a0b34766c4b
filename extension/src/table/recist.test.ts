/** RECIST 1.1 as it is published: Eisenhauer et al., European Journal of Cancer 45 (2009), 228-247. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { LesionRole } from '../lesions/types.ts';
import { assess, baselineIndex } from './recist.ts';
import type { FollowedLesion, Seen, TumourResponse } from './recist.ts';

/** A size in mm; gone, out of the scan, not evaluable, not measured; undefined where it was not looked for. */
type Sight = number | 'gone' | 'out' | 'ne' | 'unmeasured' | undefined;

function seen(sight: Sight): Seen {
  if (sight === undefined) return undefined;
  if (typeof sight === 'number') return { status: 'present', mm: sight };
  const statuses = {
    gone: 'resolved',
    out: 'not-covered',
    ne: 'not-evaluable',
    unmeasured: 'present',
  } as const;
  return { status: statuses[sight], mm: undefined };
}

function lesion(role: LesionRole, sights: readonly Sight[], isNode = false): FollowedLesion {
  return { role, isNode, seen: sights.map(seen) };
}

const target = (...sights: readonly Sight[]): FollowedLesion => lesion('target', sights);
const node = (...sights: readonly Sight[]): FollowedLesion => lesion('target', sights, true);
const nonTarget = (...sights: readonly Sight[]): FollowedLesion => lesion('non-target', sights);
const fresh = (...sights: readonly Sight[]): FollowedLesion => lesion('new', sights);

function responses(...lesions: readonly FollowedLesion[]): readonly (TumourResponse | undefined)[] {
  return assess(lesions, lesions[0]?.seen.length ?? 0).map(({ response }) => response);
}

describe('targets', () => {
  test.each<readonly [what: string, sights: readonly number[], response: TumourResponse]>([
    ['30 % less than the baseline', [100, 70], 'PR'],
    ['29 % less', [100, 71], 'SD'],
    ['19 % more', [100, 119], 'SD'],
    ['20 % more', [100, 120], 'PD'],
    ['20 % more, but less than 5 mm', [20, 24], 'SD'],
    ['5 mm more, but less than 20 %', [30, 35], 'SD'],
    ['exactly 5 mm and 25 % more', [20, 25], 'PD'],
    ['fractions whose sum is not exact', [14.3, 10.01], 'PR'],
  ])('%s', (_, sights, response) => {
    expect(responses(target(...sights))).toEqual([undefined, response]);
  });

  test('partial response is measured from the baseline, progression from the nadir', () => {
    // 60 is 40 % less than the baseline, and 50 % more than the nadir.
    expect(responses(target(100, 40, 60))).toEqual([undefined, 'PR', 'PD']);
    const [, , last] = assess([target(100, 40, 60)], 3);
    expect(last).toMatchObject({ baselineSumMm: 100, nadirSumMm: 40, changeFromBaselinePercent: -40 });
    expect(last?.changeFromNadirPercent).toBeCloseTo(50);
  });

  test('the baseline is the nadir where it is the smallest', () => {
    expect(responses(target(50, 55, 60))).toEqual([undefined, 'SD', 'PD']);
  });

  test('the sum counts, not the single lesion', () => {
    expect(responses(target(40, 20), target(20, 30))).toEqual([undefined, 'SD']);
    expect(assess([target(40, 20), target(20, 30)], 2)[1]?.sumMm).toBe(50);
  });

  test('complete response when all have disappeared; nodes below 10 mm are normal, and keep their size in the sum', () => {
    expect(responses(target(20, 'gone'), node(20, 9.9))).toEqual([undefined, 'CR']);
    expect(assess([target(20, 'gone'), node(20, 9.9)], 2)[1]?.sumMm).toBe(9.9);
    expect(responses(target(20, 'gone'), node(20, 10))).toEqual([undefined, 'PR']);
  });

  test('a lesion that is no lymph node is not gone because it is small', () => {
    expect(responses(target(20, 4))).toEqual([undefined, 'PR']);
  });

  test('what returns after a complete response is progression, however small', () => {
    expect(responses(target(20, 'gone', 3))).toEqual([undefined, 'CR', 'PD']);
    const [, , last] = assess([target(20, 'gone', 3)], 3);
    expect(last?.nadirSumMm).toBe(0);
    expect(last?.changeFromNadirPercent).toBeUndefined();
    // A lymph node has not disappeared: it is judged by the sum.
    expect(responses(node(20, 9, 12))).toEqual([undefined, 'CR', 'PR']);
  });

  test('one that returns while others remained is added to the sum', () => {
    expect(responses(target(20, 'gone', 3), target(60, 58, 57))).toEqual([undefined, 'SD', 'SD']);
  });
});

describe('missing sizes', () => {
  test.each<readonly [what: string, sight: Sight]>([
    ['not looked for', undefined],
    ['not covered', 'out'],
    ['not evaluable', 'ne'],
    ['not measured', 'unmeasured'],
  ])('a target that was %s makes the time point not evaluable', (_, sight) => {
    const [, assessed] = assess([target(30, 20), target(20, sight)], 2);
    expect(assessed).toMatchObject({
      response: 'NE',
      sumMm: undefined,
      changeFromBaselinePercent: undefined,
    });
  });

  // The example of the guideline, section 4.4.2.
  test('progression is evident where those that were measured suffice for it', () => {
    expect(responses(target(20, 40), target(20, 40), target(10, 'ne'))).toEqual([undefined, 'PD']);
  });

  test('an incomplete sum is no nadir', () => {
    expect(responses(target(50, 25, 50), target(50, 'ne', 50))).toEqual([undefined, 'NE', 'SD']);
  });

  test('the baseline is the first time point with every target', () => {
    const lesions = [target(10, 30, 60), target(undefined, 30, 60)];
    expect(baselineIndex(lesions, 3)).toBe(1);
    expect(assess(lesions, 3).map(({ isBaseline }) => isBaseline)).toEqual([false, true, false]);
    expect(responses(...lesions)).toEqual([undefined, undefined, 'PD']);
  });

  test('without a baseline there is no response', () => {
    expect(baselineIndex([target(10, 'ne'), target('ne', 10)], 2)).toBe(-1);
    expect(responses(target(10, 'ne'), target('ne', 10))).toEqual([undefined, undefined]);
    expect(responses(target('gone', 'gone'))).toEqual([undefined, undefined]);
    expect(assess([], 2).map(({ response }) => response)).toEqual([undefined, undefined]);
  });
});

describe('new lesions', () => {
  test('are progression, whatever the targets do, and until they have gone', () => {
    expect(responses(target(50, 20, 20, 20), fresh(undefined, 8, 'ne', 'gone'))).toEqual([
      undefined,
      'PD',
      'PD',
      'PR',
    ]);
  });

  test('are progression also where the targets cannot be evaluated', () => {
    expect(responses(target(50, 'ne'), fresh(undefined, 8))).toEqual([undefined, 'PD']);
  });

  test('are not new when the baseline shows them', () => {
    expect(responses(target(50, 50), fresh(8, 8))).toEqual([undefined, 'SD']);
  });
});

describe('non-target lesions (table 1 of the guideline)', () => {
  test.each<readonly [targets: readonly Sight[], others: readonly Sight[], response: TumourResponse]>([
    [[20, 'gone'], ['unmeasured', 'gone'], 'CR'],
    [[20, 'gone'], ['unmeasured', 'unmeasured'], 'PR'],
    [[20, 'gone'], ['unmeasured', undefined], 'PR'],
    [[20, 10], ['unmeasured', undefined], 'PR'],
    [[20, 20], ['unmeasured', 'ne'], 'SD'],
    [[20, 'ne'], ['unmeasured', 'unmeasured'], 'NE'],
    [[20, 40], ['unmeasured', 'gone'], 'PD'],
  ])('targets %j and others %j give %s', (targets, others, response) => {
    expect(responses(target(...targets), nonTarget(...others))).toEqual([undefined, response]);
  });

  // Table 2.
  test.each<readonly [others: readonly Sight[], response: TumourResponse]>([
    [['unmeasured', 'gone'], 'CR'],
    [['unmeasured', 'unmeasured'], 'non-CR/non-PD'],
    [['unmeasured', 'ne'], 'NE'],
  ])('without targets, %j gives %s', (others, response) => {
    expect(responses(nonTarget(...others))).toEqual([undefined, response]);
    expect(responses(nonTarget(...others), fresh(undefined, 9))).toEqual([undefined, 'PD']);
  });

  test('a lymph node below 10 mm is normal', () => {
    expect(responses(target(20, 'gone'), lesion('non-target', [12, 8], true))).toEqual([undefined, 'CR']);
  });

  test('lesions that are not followed change nothing', () => {
    expect(responses(target(20, 20), lesion('not-followed', [10, 90]))).toEqual([undefined, 'SD']);
  });
});

const sizes = fc.array(fc.array(fc.integer({ min: 10, max: 200 }), { minLength: 3, maxLength: 3 }), {
  minLength: 1,
  maxLength: 5,
});

test('the order of the lesions does not change the response', () => {
  fc.assert(
    fc.property(sizes, (rows) => {
      const lesions = rows.map((row) => target(...row));
      expect(responses(...lesions.toReversed())).toEqual(responses(...lesions));
    }),
  );
});

test('a response and a progression cannot be reached by less than the published change', () => {
  fc.assert(
    fc.property(sizes, (rows) => {
      for (const { response, sumMm, baselineSumMm, nadirSumMm } of assess(
        rows.map((row) => target(...row)),
        3,
      ).slice(1)) {
        const [sum, baseline, nadir] = [sumMm ?? NaN, baselineSumMm ?? NaN, nadirSumMm ?? NaN];
        const isGrown = sum - nadir >= 5 && 10 * sum >= 12 * nadir;
        expect(response === 'PD').toBe(isGrown);
        if (!isGrown) expect(response === 'PR').toBe(10 * sum <= 7 * baseline);
      }
    }),
  );
});
