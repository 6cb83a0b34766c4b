/** Decisions in the host's list of what Ctrl+Z undoes. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { History } from './history.ts';
import { Host } from './host.ts';

interface Step {
  readonly name: string;
}

let fake: FakeHost;
let restored: string[];
let history: History<Step>;
const [A, B]: readonly [Step, Step] = [{ name: 'a' }, { name: 'b' }];

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301') });
  restored = [];
  history = new History(new Host(fake.parameters), ({ name }, isUndo) => {
    restored.push(`${isUndo ? 'undo' : 'redo'} ${name}`);
  });
});

describe('the history of the host', () => {
  test('undoes the last decision first, and does it again', () => {
    history.add(A);
    history.add(B);
    fake.history.undo();
    fake.history.undo();
    fake.history.redo();
    expect(restored).toEqual(['undo b', 'undo a', 'redo a']);
  });

  test('a decision is undone through it where it is the last there, too', () => {
    history.add(A);
    expect(history.undo(A)).toBe(true);
    expect(restored).toEqual(['undo a']);
    history.add(A);
    fake.history.memos.push({ restoreMemo: () => restored.push('a measurement') });
    expect(history.undo(A)).toBe(false);
    expect(restored).toEqual(['undo a']);
  });

  test('a host without one undoes nothing, and that is no failure', () => {
    fake.hasHistory = false;
    history = new History(new Host(fake.parameters), () => restored.push('never'));
    history.add(A);
    expect(history.undo(A)).toBe(false);
    expect(fake.history.memos).toEqual([]);
  });
});
