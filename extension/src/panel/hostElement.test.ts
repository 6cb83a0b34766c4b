/**
 * The element of the host that holds the panel.
 * @jest-environment jsdom
 */
import { describe, expect, test } from '@jest/globals';
import { hostElement } from './hostElement.ts';

describe('hostElement', () => {
  test('mounts and unmounts with the element of the host, in the form of its React', () => {
    const log: string[] = [];
    const Panel = hostElement(() => {
      log.push('mount');
      return () => log.push('unmount');
    });
    const made = Panel({}) as unknown as { $$typeof: symbol; ref: (node: HTMLElement | null) => void };
    expect(made.$$typeof).toBe(Symbol.for('react.element'));
    made.ref(document.createElement('div'));
    made.ref(null);
    expect(log).toEqual(['mount', 'unmount']);
  });

  test('uses the mark of the elements that the page was made from', () => {
    const mark = Symbol.for('react.transitional.element');
    const root = document.createElement('div');
    root.id = 'root';
    Object.assign(root, { __reactContainer$abc: { memoizedState: { element: { $$typeof: mark } } } });
    document.body.append(root);
    const made = hostElement(() => () => undefined)({}) as unknown as {
      $$typeof: symbol;
      props: { ref: unknown };
    };
    root.remove();
    expect(made.$$typeof).toBe(mark);
    expect(typeof made.props.ref).toBe('function');
  });
});
