/**
 * The panel in a page without a browser, for tests.
 * @module
 */
import { act } from 'preact/test-utils';
import { mountPanel } from '../panel/mount.tsx';
import type { PanelState } from '../panel/model.ts';
import { recordedActions } from './lesions.ts';
import { fakeModel } from './exampleReview.ts';

/** A mounted panel, and what a test does with it. */
export interface MountedPanel {
  readonly container: HTMLElement;
  /** The calls of actions since they were read last, without those that only point at a lesion. */
  calls(): readonly string[];
  /** The calls that point at a lesion or at none, since they were read last. */
  highlights(): readonly string[];
  all(name: string): readonly HTMLElement[];
  /** The only part of that name. */
  part(name: string): HTMLElement;
  click(name: string): void;
  press(target: HTMLElement, key: string): void;
  change(target: HTMLInputElement | HTMLSelectElement, value: string): void;
  set(state: PanelState): void;
  unmount(): void;
}

/** Runs what changes the panel, and all that follows from it. */
function does(what: () => void): void {
  void act(what);
}

/** The calls that were recorded, read by kind. */
function callLog(): {
  push(call: string): void;
  pick(isWanted: (call: string) => boolean): readonly string[];
} {
  let recorded: readonly string[] = [];
  return {
    push: (call) => {
      recorded = [...recorded, call];
    },
    pick: (isWanted) => {
      const picked = recorded.filter(isWanted);
      recorded = recorded.filter((call) => !isWanted(call));
      return picked;
    },
  };
}

function partsIn(container: HTMLElement): Pick<MountedPanel, 'all' | 'part' | 'click'> {
  const all = (name: string): readonly HTMLElement[] => [
    ...container.querySelectorAll<HTMLElement>(`[data-samepoint="${name}"]`),
  ];
  const part = (name: string): HTMLElement => {
    const [found, ...others] = all(name);
    if (found === undefined || others.length > 0)
      throw new Error(`${others.length + Number(found !== undefined)} parts "${name}" in the panel`);
    return found;
  };
  const click = (name: string): void => {
    does(() => {
      part(name).click();
    });
  };
  return { all, part, click };
}

/** Mounts the panel over a state, in the language that the page stores. */
export function mountedPanel(state: PanelState): MountedPanel {
  const container = document.createElement('div');
  document.body.replaceChildren(container);
  const log = callLog();
  const model = fakeModel(state, recordedActions(log));
  let unmount = (): void => undefined;
  does(() => {
    unmount = mountPanel(container, model);
  });
  return {
    container,
    ...partsIn(container),
    calls: () => log.pick((call) => !call.startsWith('highlight')),
    highlights: () => log.pick((call) => call.startsWith('highlight')),
    press: (target, key) => {
      does(() => {
        target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      });
    },
    change: (target, value) => {
      does(() => {
        target.value = value;
        target.dispatchEvent(new Event('change', { bubbles: true }));
      });
    },
    set: (next) => {
      does(() => {
        model.set(next);
      });
    },
    unmount: () => {
      does(unmount);
    },
  };
}
