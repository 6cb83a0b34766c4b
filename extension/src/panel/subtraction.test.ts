/**
 * The buttons that draw the prior over the current scan.
 * @jest-environment jsdom
 */
import { beforeEach, expect, test } from '@jest/globals';
import { stateOf } from '../testing/lesions.ts';
import { mountedPanel } from '../testing/mountedPanel.ts';
import type { MountedPanel } from '../testing/mountedPanel.ts';
import type { Subtraction } from './model.ts';

beforeEach(() => {
  localStorage.clear();
  localStorage.setItem('samepoint.onboarding', 'seen');
});

function opened(changes: Partial<Subtraction> = {}): MountedPanel {
  const keys = { toggleDifference: 'Shift+D' };
  return mountedPanel(stateOf([], { subtraction: { mode: 'off', isPossible: true, keys, ...changes } }));
}

test('a click on a button draws, and the button that is on is pressed', () => {
  const panel = opened({ mode: 'prior' });
  const [subtract, warped] = [panel.part('toggleDifference'), panel.part('toggleWarped')];
  expect([subtract.textContent, subtract.getAttribute('aria-pressed')]).toEqual(['Subtract prior', 'false']);
  expect([warped.textContent, warped.getAttribute('aria-pressed')]).toEqual(['Prior in place', 'true']);
  expect(subtract.title).toContain('(Shift+D)');
  subtract.click();
  warped.click();
  expect(panel.calls()).toEqual(['fuse toggleDifference', 'fuse toggleWarped']);
});

test('without a prior on the screen there is no button', () => {
  expect(opened({ isPossible: false }).all('subtraction')).toEqual([]);
});
