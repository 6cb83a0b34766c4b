import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Words } from '../i18n/words.ts';
import type { PanelActions, PanelState } from './model.ts';

/** What every part of the panel works with. */
export interface PanelParts {
  readonly state: PanelState;
  readonly actions: PanelActions;
  readonly words: Words;
}

/** Holds the parts below the panel; there is none outside. */
export const PanelContext = createContext<PanelParts | undefined>(undefined);

/** The state, the actions and the words of the panel. */
export function usePanel(): PanelParts {
  const parts = useContext(PanelContext);
  if (parts === undefined) throw new Error('this component belongs into the panel');
  return parts;
}
