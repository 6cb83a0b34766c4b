import type { ComponentChildren, JSX } from 'preact';
import { usePanel } from './context.ts';
import type { ReviewCommand } from './model.ts';

interface CommandProps {
  readonly command: ReviewCommand;
  /** Instead of the name of the command. */
  readonly label?: string;
  /** Instead of the label, which then is the name that a screen reader speaks. */
  readonly icon?: JSX.Element;
  readonly disabled?: boolean;
  readonly isPrimary?: boolean;
}

/** A button that runs a review command, and names its key. */
export function CommandButton({ command, label, icon, disabled, isPrimary }: CommandProps): JSX.Element {
  const { state, actions, words } = usePanel();
  const key = state.keys[command];
  const name = label ?? words.keyed[command];
  return (
    <button
      type="button"
      data-samepoint={command}
      data-primary={isPrimary}
      data-bare={icon === undefined ? undefined : ''}
      disabled={disabled ?? false}
      aria-label={icon === undefined ? undefined : name}
      aria-keyshortcuts={key}
      title={icon === undefined ? undefined : key === undefined ? name : `${name} (${key})`}
      onClick={() => {
        actions.run(command);
      }}
    >
      {icon ?? name}
      {key === undefined || icon !== undefined ? null : <kbd aria-hidden="true">{key}</kbd>}
    </button>
  );
}

interface ProgressProps {
  readonly label: string;
  /** 0 to 1; undefined while the amount of work is unknown. */
  readonly fraction: number | undefined;
}

/** A bar of progress. */
export function ProgressBar({ label, fraction }: ProgressProps): JSX.Element {
  return fraction === undefined ? (
    <progress data-samepoint="progress" max={1} aria-label={label} />
  ) : (
    <progress data-samepoint="progress" max={1} value={fraction} aria-label={label} />
  );
}

/** Text for a screen reader only. */
export function Spoken({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <span data-samepoint="spoken">{children}</span>;
}
