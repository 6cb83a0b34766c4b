import { BUTTON_ID, PANEL_TAB } from './ids.ts';
import type { Unsubscribe } from './ohif.d.ts';

/** Keys that press a button. The host has hotkeys on both. */
const PRESS_KEYS: readonly string[] = ['Enter', ' '];
const BUTTON = `[data-cy="${BUTTON_ID}"]`;

/** The tab of the panel is, in the host, an element that only the mouse can press. */
function makeFocusable(tab: HTMLElement): void {
  tab.tabIndex = 0;
  tab.setAttribute('role', 'button');
  tab.setAttribute('aria-label', 'Samepoint');
}

/** Lets the keyboard reach the button of the tool and the tab of the panel, and Enter and Space press them; the result ends it. */
export function pressByKeyboard(page: Document): Unsubscribe {
  const onKey = (event: KeyboardEvent): void => {
    // The host draws the tab anew whenever the side panel opens or closes: it is made ready before the focus moves.
    if (event.key === 'Tab') page.querySelectorAll<HTMLElement>(PANEL_TAB).forEach(makeFocusable);
    if (!PRESS_KEYS.includes(event.key) || !(event.target instanceof Element)) return;
    const tab = event.target.closest<HTMLElement>(PANEL_TAB);
    if (tab === null && event.target.closest(BUTTON) === null) return;
    // Away from the hotkeys of the host, which prevent that a key presses a button.
    event.stopPropagation();
    if (tab === null) return;
    event.preventDefault();
    tab.click();
  };
  page.addEventListener('keydown', onKey, { capture: true });
  return () => {
    page.removeEventListener('keydown', onKey, { capture: true });
  };
}
