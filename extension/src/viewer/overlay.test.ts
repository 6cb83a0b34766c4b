/**
 * The line in the overlay of the viewports.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { expect, test } from '@jest/globals';
import { Listeners } from '../lesions/listeners.ts';
import { addOverlay } from './overlay.ts';

interface Item {
  readonly contentF: (props: { readonly viewportId?: string }) => {
    readonly ref: (node: HTMLElement | null) => void;
  };
}

test('each viewport has its own line, which is kept up to date without the host', () => {
  const changes = new Listeners();
  const texts: Record<string, string> = { left: '3 of 9', right: '' };
  let item: Item | undefined;
  addOverlay(
    {
      setCustomizations: (given) => {
        const { $push } = given['viewportOverlay.bottomRight'] as { readonly $push: readonly Item[] };
        [item] = $push;
      },
    },
    { Line: { textFor: (id) => texts[id] ?? '?', subscribe: (listener) => changes.add(listener) } },
  );
  const [left, right] = ['left', 'right'].map((viewportId) => {
    const container = document.createElement('div');
    const { ref } = item!.contentF({ viewportId });
    ref(container);
    return { container, ref };
  });
  // The host draws its overlay often: it must find the same element.
  expect(item!.contentF({ viewportId: 'left' }).ref).toBe(left!.ref);
  expect([left!.container.textContent, right!.container.textContent]).toEqual(['3 of 9', '']);
  texts.left = '4 of 9';
  changes.call();
  expect(left!.container.textContent).toBe('4 of 9');
  left!.ref(null);
  texts.left = '5 of 9';
  changes.call();
  expect(left!.container.textContent).toBe('4 of 9');
});

test('a host without customizations has no line', () => {
  const source = { textFor: () => '', subscribe: () => () => undefined };
  expect(() => {
    addOverlay(undefined, { source });
    addOverlay({}, { source });
  }).not.toThrow();
});
