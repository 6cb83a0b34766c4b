import type { PairStore } from './store.ts';

/**
 * Asks before the page is left while confirmed pairs are not saved. The listener is there only as long as it is needed:
 * a page with one is kept out of the browser's back-forward cache.
 */
export function warnWhileUnsaved(
  store: PairStore,
  page: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    event.preventDefault();
  };
  let asking = false;
  const update = (): void => {
    const needed = store.unsaved.length > 0;
    if (needed === asking) return;
    asking = needed;
    if (needed) page.addEventListener('beforeunload', ask);
    else page.removeEventListener('beforeunload', ask);
  };
  update();
  const unsubscribe = store.subscribe(update);
  return () => {
    unsubscribe();
    page.removeEventListener('beforeunload', ask);
  };
}
