/** Calls that wait until nothing changes any more. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Settling } from './settling.ts';

let isBusy: boolean;
let calls: string[];
let settling: Settling;

beforeEach(() => {
  jest.useFakeTimers();
  isBusy = false;
  calls = [];
  settling = new Settling(() => isBusy);
});

afterEach(() => {
  jest.useRealTimers();
});

const settle = (thing: string, call: string): void => {
  settling.settle(thing, () => void calls.push(call));
};

test('of several calls about one thing only the last runs', () => {
  settle('a', 'first');
  jest.advanceTimersByTime(200);
  settle('a', 'last');
  jest.advanceTimersByTime(200);
  expect(calls).toEqual([]);
  jest.advanceTimersByTime(200);
  expect(calls).toEqual(['last']);
});

test('a call about another thing does not drop it', () => {
  settle('a', 'of a');
  settle('b', 'of b');
  jest.advanceTimersByTime(400);
  expect(calls).toEqual(['of a', 'of b']);
});

test('nothing runs while it must not, and nothing is lost', () => {
  isBusy = true;
  settle('a', 'late');
  jest.advanceTimersByTime(2000);
  expect(calls).toEqual([]);
  isBusy = false;
  jest.advanceTimersByTime(400);
  expect(calls).toEqual(['late']);
});

test('what is stopped does not run', () => {
  settle('a', 'never');
  settling.stop();
  jest.advanceTimersByTime(1000);
  expect(calls).toEqual([]);
});
