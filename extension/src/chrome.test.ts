/**
 * What the extension adds to the host's own tab and button.
 * @jest-environment jsdom
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { addBadge } from './badge.ts';
import { Listeners } from './lesions/listeners.ts';
import { pressByKeyboard } from './pressByKeyboard.ts';

beforeEach(() => {
  document.head.replaceChildren();
  document.body.innerHTML = `
<span data-cy="SamepointFindMatch"><button>Find</button></span><div data-cy="samepoint-btn"><svg></svg></div><button id="other"></button>`;
});

function element(selector: string): HTMLElement {
  return document.querySelector<HTMLElement>(selector)!;
}

describe('the number on the tab', () => {
  test('is that of the lesions, follows it, and is gone with the mode', () => {
    let count = 0;
    const changes = new Listeners();
    const remove = addBadge(document, { count: () => count, subscribe: (listener) => changes.add(listener) });
    const style = document.querySelector('style');
    expect(style?.textContent).toBe('');
    count = 9;
    changes.call();
    expect(style?.textContent).toContain("content: '9'");
    remove();
    expect(document.querySelector('style')).toBeNull();
    count = 10;
    changes.call();
    expect(style?.textContent).toContain("content: '9'");
  });
});

describe('the keyboard', () => {
  /** What reaches the host's hotkeys, which prevent that a key presses a button. */
  function press(target: HTMLElement, key: string): { readonly heard: boolean } {
    let heard = false;
    const listener = (): void => {
      heard = true;
    };
    document.addEventListener('keydown', listener);
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    document.removeEventListener('keydown', listener);
    return { heard };
  }

  test('reaches the tab, and Enter and Space press it', () => {
    const end = pressByKeyboard(document);
    const tab = element('[data-cy="samepoint-btn"]');
    let clicks = 0;
    tab.addEventListener('click', () => (clicks += 1));
    expect(press(element('#other'), 'Tab').heard).toBe(true);
    expect([tab.tabIndex, tab.getAttribute('role'), tab.getAttribute('aria-label')]).toEqual([
      0,
      'button',
      'Samepoint',
    ]);
    expect([press(tab, 'Enter').heard, press(tab, ' ').heard, press(tab, 'f').heard]).toEqual([
      false,
      false,
      true,
    ]);
    expect(clicks).toBe(2);
    end();
    expect(press(tab, 'Enter').heard).toBe(true);
    expect(clicks).toBe(2);
  });

  test('presses our button; keys on others reach the host', () => {
    pressByKeyboard(document);
    expect(press(element('[data-cy="SamepointFindMatch"] button'), 'Enter').heard).toBe(false);
    expect(press(element('#other'), 'Enter').heard).toBe(true);
  });
});
