import type { JSX } from 'preact';
import { usePanel } from './context.ts';
import { CommandButton, ProgressBar } from './controls.tsx';

/** The findings of a prior that wait to be looked for in the current study, and how far that is. */
export function CarryOverBar(): JSX.Element | null {
  const { state, words } = usePanel();
  const { carryOver } = state;
  if (carryOver === undefined) return null;
  const { fromDate, count, progress } = carryOver;
  const text = words.review.carryOver(words.dateText(fromDate), count);
  return (
    <div data-samepoint="carry-over">
      <p>{text}</p>
      {progress === undefined ? (
        <CommandButton command="findAll" isPrimary />
      ) : (
        <>
          <p data-samepoint="carry-over-progress">{progress.text} …</p>
          <ProgressBar label={words.messages.progressOf(text)} fraction={progress.fraction} />
        </>
      )}
    </div>
  );
}
