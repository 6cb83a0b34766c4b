import type { JSX } from 'preact';
import { usePanel } from './context.ts';
import { CommandButton, Spoken } from './controls.tsx';
import { ActionIcon } from './icons.tsx';

/** Save and undo; always in view, with what the software is. */
export function Footer({ onHelp }: { readonly onHelp: () => void }): JSX.Element {
  const { state, words } = usePanel();
  const { isSaving, unsaved, canUndo } = state;
  const { footer, onboarding } = words;
  return (
    <div data-samepoint="footer">
      <div role="status">{isSaving ? <Spoken>{footer.saving}</Spoken> : null}</div>
      <div data-samepoint="footer-actions">
        <CommandButton command="undo" icon={<ActionIcon name="undo" />} disabled={!canUndo || isSaving} />
        <CommandButton
          command="save"
          label={isSaving ? footer.saving : footer.save(unsaved)}
          disabled={isSaving || unsaved === 0}
          isPrimary
        />
      </div>
      <div data-samepoint="footer-facts">
        <p data-samepoint="disclaimer">{footer.disclaimer}</p>
        <button
          type="button"
          data-samepoint="help"
          data-bare
          aria-label={onboarding.open}
          title={onboarding.open}
          onClick={onHelp}
        >
          <ActionIcon name="help" />
        </button>
      </div>
    </div>
  );
}
