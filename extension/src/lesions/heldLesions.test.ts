/** What the PACS holds, and what has to be withdrawn from it. */
import { expect, test } from '@jest/globals';
import { lesionOf, uidOf } from '../testing/examples.ts';
import { HeldLesions } from './heldLesions.ts';

const NONE: ReadonlySet<string> = new Set();
const [A, B] = [uidOf('a'), uidOf('b')];

test('what is held and not named any more is withdrawn, each lesion once', () => {
  const held = new HeldLesions();
  held.setReported('1', [A]);
  held.setPaired('1', [lesionOf('a'), lesionOf('b')]);
  expect(held.studies).toEqual(['1', '1']);
  expect(held.withdrawnFrom('1', NONE)).toBe(2);
  expect(held.withdrawnFrom('1', new Set([A]))).toBe(1);
  expect(held.withdrawnFrom('1', new Set([A, B]))).toBe(0);
  expect(held.withdrawnFrom('2', NONE)).toBe(0);
});

test('of pairs, those are unnamed that no report of the study has named', () => {
  const held = new HeldLesions();
  held.setPaired('1', [lesionOf('a'), lesionOf('b')]);
  held.setReported('1', [A]);
  expect(held.unnamedFrom('1', NONE).map(({ trackingUid }) => trackingUid)).toEqual([B]);
  held.setSaved('1', [A]);
  expect(held.unnamedFrom('1', NONE)).toEqual([]);
  expect(held.withdrawnFrom('1', NONE)).toBe(1);
});
