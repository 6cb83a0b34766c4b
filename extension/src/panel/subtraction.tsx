import type { JSX } from 'preact';
import { usePanel } from './context.ts';

const BUTTONS = [
  { command: 'toggleDifference', mode: 'difference', label: 'subtract', help: 'subtractHelp' },
  { command: 'toggleWarped', mode: 'prior', label: 'warped', help: 'warpedHelp' },
] as const;

/** What of the prior is drawn over the current scan; nothing while no prior is on the screen. */
export function SubtractionButtons(): JSX.Element | null {
  const { state, actions, words } = usePanel();
  const { subtraction } = state;
  if (subtraction?.isPossible !== true) return null;
  return (
    <div data-samepoint="subtraction" role="group" aria-label={words.fusion.subtract}>
      {BUTTONS.map(({ command, mode, label, help }) => (
        <button
          key={command}
          type="button"
          data-samepoint={command}
          aria-pressed={subtraction.mode === mode}
          aria-keyshortcuts={subtraction.keys[command]}
          title={words.fusion[help](subtraction.keys[command] ?? '')}
          onClick={() => {
            actions.fuse(command);
          }}
        >
          {words.fusion[label]}
        </button>
      ))}
    </div>
  );
}
