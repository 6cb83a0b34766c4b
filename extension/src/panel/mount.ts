import type { PanelModel } from './model.ts';

/** Fills an element with the panel; the result empties it. */
export function mountPanel(container: HTMLElement, model: PanelModel): () => void {
  const root = document.createElement('section');
  const update = (): void => {
    const { lesions, notices } = model.state();
    const lines = [
      ...lesions.map(({ label }) => label),
      ...notices.map(({ subject, message }) => `${subject}: ${message}`),
    ];
    root.textContent = lines.join('\n');
  };
  update();
  container.append(root);
  const unsubscribe = model.subscribe(update);
  return () => {
    unsubscribe();
    root.remove();
  };
}
