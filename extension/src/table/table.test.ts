/** The table of lesions by time points. */
import { describe, expect, test } from '@jest/globals';
import type { Lesion, LesionRole } from '../lesions/types.ts';
import type { CodedConcept } from '../wire.ts';
import { lesionOf, observationOf, stateOf, timePointOf } from '../testing/lesions.ts';
import { assessmentOf } from './assessment.ts';
import { isNode, sizeOf } from './size.ts';
import { tableOf } from './table.ts';

const concept = (meaning: string, value = '1', scheme = '99X'): CodedConcept => ({ meaning, value, scheme });
const LIVER = concept('Liver');
const NODE = concept('Lymph node', '59441001', 'SCT');

/** Seen in the prior and in the current study with these long axes, mm. */
function measured(
  id: string,
  prior: number | undefined,
  current: number | undefined,
  changes: Partial<Lesion> = {},
): Lesion {
  const at = (name: string, mm: number | undefined) =>
    mm === undefined ? [] : [observationOf(name, { longAxis: { mm } })];
  return lesionOf(id, [...at('prior', prior), ...at('current', current)], changes);
}

const kinds = (...lesions: readonly Lesion[]): readonly string[] =>
  tableOf(stateOf(lesions)).warnings.map(({ kind }) => kind);

describe('size', () => {
  test.each([
    [{ site: NODE }, true],
    [{ finding: concept('Mediastinal lymph node') }, true],
    [{ finding: concept('Lymphadenopathy') }, true],
    [{ site: concept('Lymphknoten') }, true],
    [{ site: LIVER, finding: concept('Nodule') }, false],
    [{}, false],
  ])('%j says lymph node: %j', (of, expected) => {
    expect(isNode(of)).toBe(expected);
  });

  test('of a lymph node is the short axis, else the longest diameter, to 0.1 mm', () => {
    const observation = observationOf('prior', { longAxis: { mm: 20.04 }, shortAxis: { mm: 11.96 } });
    expect(sizeOf({ site: NODE }, observation)).toBe(12);
    expect(sizeOf({ site: LIVER }, observation)).toBe(20);
    expect(sizeOf({ site: NODE }, observationOf('prior', { longAxis: { mm: 20 } }))).toBeUndefined();
  });
});

describe('cells', () => {
  test('have the size, the status, and whether the reader has decided', () => {
    const lesion = lesionOf('a', [
      observationOf('prior', { longAxis: { mm: 21.36 } }),
      observationOf('current', { review: 'proposed', longAxis: { mm: 30 } }),
    ]);
    expect(tableOf(stateOf([lesion])).rows).toEqual([
      expect.objectContaining({
        number: 1,
        label: 'Lesion a',
        cells: [
          { status: 'present', mm: 21.4, isDecided: true },
          { status: 'present', mm: 30, isDecided: false },
        ],
      }),
    ]);
  });

  test('a rejected observation is none, and a resolved one has no size', () => {
    const lesion = lesionOf('a', [
      observationOf('prior', { review: 'rejected', longAxis: { mm: 21 } }),
      observationOf('current', { status: 'resolved' }),
    ]);
    expect(tableOf(stateOf([lesion])).rows[0]?.cells).toEqual([
      undefined,
      { status: 'resolved', mm: undefined, isDecided: true },
    ]);
  });

  test('the sum is that of the sizes as they are shown', () => {
    const table = tableOf(stateOf([measured('a', 10.04, 10.04), measured('b', 10.04, 10.04)]));
    expect(table.assessments[0]?.sumMm).toBe(20);
  });

  test('a proposal does not count before the reader accepts it', () => {
    const proposed = lesionOf('a', [
      observationOf('prior', { longAxis: { mm: 20 } }),
      observationOf('current', { review: 'proposed', longAxis: { mm: 90 } }),
    ]);
    expect(tableOf(stateOf([proposed])).assessments[1]?.response).toBe('NE');
    expect(kinds(proposed)).toEqual(['undecided']);
    const fresh = lesionOf('b', [observationOf('current', { review: 'proposed' })], { role: 'new' });
    expect(tableOf(stateOf([measured('a', 20, 20), fresh])).assessments[1]?.response).toBe('SD');
  });
});

describe('warnings', () => {
  const inLiver = (count: number, role: LesionRole = 'target'): readonly Lesion[] =>
    Array.from({ length: count }, (_, index) => measured(`l${index}`, 20, 20, { site: LIVER, role }));

  test('none where all is well', () => {
    expect(kinds(...inLiver(2), measured('a', 20, 20), measured('b', 20, 20), measured('c', 20, 20))).toEqual(
      [],
    );
  });

  test('more than five targets, and more than two in an organ', () => {
    const { warnings } = tableOf(
      stateOf([...inLiver(3), measured('a', 20, 20), measured('b', 20, 20), measured('c', 20, 20)]),
    );
    expect(warnings).toEqual([
      { kind: 'too-many-targets', count: 6 },
      { kind: 'too-many-in-organ', organ: 'Liver', count: 3 },
    ]);
    expect(kinds(...inLiver(3, 'non-target'))).toEqual([]);
  });

  test('both lungs are one organ, and so are all lymph nodes', () => {
    const side = (id: string, meaning: string): Lesion => measured(id, 20, 20, { site: concept(meaning) });
    expect(kinds(side('a', 'Left lung'), side('b', 'Right lung'), side('c', 'left lung'))).toEqual([
      'too-many-in-organ',
    ]);
    const lymphNode = (id: string, meaning: string): Lesion =>
      lesionOf(id, [observationOf('prior', { shortAxis: { mm: 16 } })], { site: concept(meaning) });
    expect(
      kinds(
        lymphNode('a', 'Axillary lymph node'),
        lymphNode('b', 'Hilar lymph node'),
        lymphNode('c', 'Lymph node'),
      ),
    ).toEqual(['too-many-in-organ']);
  });

  test('targets that are too small at the baseline, nodes by 15 mm of short axis', () => {
    const lymphNode = lesionOf('n', [observationOf('prior', { shortAxis: { mm: 14.9 } })], { site: NODE });
    const { warnings } = tableOf(stateOf([measured('a', 10, 4), measured('b', 9.9, 20), lymphNode]));
    expect(warnings).toEqual([{ kind: 'too-small', lesions: [2, 3] }]);
  });

  test('no baseline, and a later one than the first size', () => {
    expect(kinds(measured('a', 20, undefined), measured('b', undefined, 20))).toEqual(['no-baseline']);
    expect(tableOf(stateOf([measured('a', 20, 20), measured('b', undefined, 20)])).warnings).toEqual([
      { kind: 'later-baseline', date: '2026-09-14', lesions: [2] },
    ]);
  });

  test('a lesion that is called new and was there at the baseline', () => {
    expect(tableOf(stateOf([measured('a', 20, 20), measured('b', 9, 9, { role: 'new' })])).warnings).toEqual([
      { kind: 'new-at-baseline', lesions: [2] },
    ]);
  });
});

describe('the assessment of a report', () => {
  test('is that of the current study', () => {
    expect(assessmentOf(stateOf([measured('a', 40, 20)]))).toEqual({
      sumMm: 20,
      baselineSumMm: 40,
      nadirSumMm: 40,
      changeFromBaselinePercent: -50,
      changeFromNadirPercent: -50,
      response: 'PR',
    });
  });

  test('of another study is requested by its UID; the baseline has a sum only', () => {
    expect(assessmentOf(stateOf([measured('a', 40, 20)]), '1.2.prior')).toEqual({ sumMm: 40 });
  });

  test('is not made where a target has no size, where there is none, and of an unknown study', () => {
    expect(assessmentOf(stateOf([measured('a', 40, 20), measured('b', 40, undefined)]))).toBeUndefined();
    expect(assessmentOf(stateOf([measured('a', 40, 20, { role: 'non-target' })]))).toBeUndefined();
    expect(assessmentOf(stateOf([measured('a', 40, 20)]), '1.2.3')).toBeUndefined();
    expect(assessmentOf(stateOf([], { timePoints: [timePointOf('current', '')] }))).toBeUndefined();
  });
});
