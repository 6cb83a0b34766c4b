import { render } from 'preact';
import { wordsOf } from '../i18n/words.ts';
import type { PanelModel } from './model.ts';
import { Panel } from './panel.tsx';
import { PANEL_STYLES } from './panelStyles.ts';

/** Fills an element of the host with the panel, in the language of the host; the result empties it. */
export function mountPanel(container: HTMLElement, model: PanelModel): () => void {
  const words = wordsOf(window);
  const style = document.createElement('style');
  style.textContent = PANEL_STYLES;
  const root = document.createElement('div');
  root.dataset['samepoint'] = 'root';
  container.append(style, root);
  const draw = (): void => {
    render(<Panel state={model.state()} actions={model.actions} words={words} />, root);
  };
  const unsubscribe = model.subscribe(draw);
  draw();
  return () => {
    unsubscribe();
    render(null, root);
    root.remove();
    style.remove();
  };
}
