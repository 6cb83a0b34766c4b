import { PANEL_TAB } from './ids.ts';
import type { Unsubscribe } from './ohif.d.ts';
import { DARK, WARNING } from './panel/palette.ts';

/** How many lesions there are, and when that changes. */
export interface Counted {
  count(): number;
  subscribe(listener: () => void): () => void;
}

function ruleOf(count: number): string {
  if (count === 0) return '';
  return `
${PANEL_TAB} { position: relative; }
${PANEL_TAB}::after {
  content: '${count}'; position: absolute; right: -2px; top: -2px; min-width: 14px; padding: 0 3px; border-radius: 7px; pointer-events: none;
  font: 600 10px/14px sans-serif; text-align: center; background: ${WARNING}; color: ${DARK};
}`;
}

/** The number of lesions on the tab of the panel, which may be closed; the result removes it. */
export function addBadge(page: Document, counted: Counted): Unsubscribe {
  const style = page.createElement('style');
  const update = (): void => {
    style.textContent = ruleOf(counted.count());
  };
  update();
  page.head.append(style);
  const unsubscribe = counted.subscribe(update);
  return () => {
    unsubscribe();
    style.remove();
  };
}
