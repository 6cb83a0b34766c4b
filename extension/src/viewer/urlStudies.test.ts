import { expect, test } from '@jest/globals';
import { studiesOfSearch, urlStudies } from './urlStudies.ts';

test.each([
  ['?StudyInstanceUIDs=1.2,1.3&hangingProtocolId=x', ['1.2', '1.3']],
  ['?studyinstanceuids=1.2&StudyInstanceUIDs= 1.3 ', ['1.2', '1.3']],
  ['?x=1.2', []],
  ['', []],
])('%j names %j', (search, studies) => {
  expect(studiesOfSearch(search)).toEqual(studies);
});

test('outside of a browser there is no URL', () => {
  expect(urlStudies()).toEqual([]);
});
