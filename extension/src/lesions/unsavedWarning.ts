import type { LesionStore } from './lesionStore.ts';

/**
 * Warns before the page closes while observations are not saved or proposals are not decided on. The listener exists only while it is
 * needed: a page with one is kept out of the browser's back-forward cache.
 */
export function warnWhileUnsaved(
  store: LesionStore,
  page: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const warn = (event: BeforeUnloadEvent): void => {
    event.preventDefault();
  };
  let listening = false;
  const update = (): void => {
    const needed = store.undecided > 0 || store.unsavedStudies().length > 0;
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
