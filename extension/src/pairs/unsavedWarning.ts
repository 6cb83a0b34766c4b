import type { PairStore } from './store.ts';

/**
 * Warns before the page closes while confirmed pairs are not saved or proposals are not decided on. The listener exists only while it is needed:
 * a page with one is kept out of the browser's back-forward cache.
 */
export function warnWhileUnsaved(
  store: PairStore,
  page: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const warn = (event: BeforeUnloadEvent): void => {
    event.preventDefault();
  };
  let listening = false;
  const update = (): void => {
    const needed = store.unsaved.length > 0 || store.undecided.length > 0;
    if (needed === listening) return;
    listening = needed;
    if (needed) page.addEventListener('beforeunload', warn);
    else page.removeEventListener('beforeunload', warn);
  };
  update();
  const unsubscribe = store.subscribe(update);
  return () => {
    unsubscribe();
    page.removeEventListener('beforeunload', warn);
  };
}
