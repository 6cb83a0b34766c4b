import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { usePanel } from './context.ts';

/** Where the browser keeps that the reader has seen the steps. */
const STORAGE_KEY = 'samepoint.onboarding';

/** Whether the reader has seen the steps in this browser; a browser that keeps nothing does not show them each time. */
export function hasSeenOnboarding(): boolean {
  try {
    return window.localStorage.getItem(STORAGE_KEY) !== null;
  } catch {
    return true;
  }
}

function keepOnboardingSeen(): void {
  try {
    window.localStorage.setItem(STORAGE_KEY, 'seen');
  } catch {
    // Then they are shown again in the next session.
  }
}

interface StepButtonsProps {
  readonly index: number;
  readonly count: number;
  readonly onStep: (index: number) => void;
  readonly onClose: () => void;
}

function StepButtons({ index, count, onStep, onClose }: StepButtonsProps): JSX.Element {
  const { next, back, done, skip } = usePanel().words.onboarding;
  const isLast = index === count - 1;
  return (
    <div data-samepoint="onboarding-actions">
      {isLast ? null : (
        <button type="button" data-samepoint="onboarding-skip" data-subtle onClick={onClose}>
          {skip}
        </button>
      )}
      {index === 0 ? null : (
        <button
          type="button"
          data-samepoint="onboarding-back"
          onClick={() => {
            onStep(index - 1);
          }}
        >
          {back}
        </button>
      )}
      <button
        type="button"
        data-samepoint="onboarding-next"
        data-primary
        onClick={() => {
          if (isLast) onClose();
          else onStep(index + 1);
        }}
      >
        {isLast ? done : next}
      </button>
    </div>
  );
}

/** Three steps of the first use; once dismissed, they do not come back. */
export function Onboarding({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const { steps, step, title } = usePanel().words.onboarding;
  const [index, setIndex] = useState(0);
  const current = steps[index];
  const close = (): void => {
    keepOnboardingSeen();
    onDone();
  };
  return (
    <section data-samepoint="onboarding" aria-label={title}>
      <p data-samepoint="onboarding-step">{step(index + 1, steps.length)}</p>
      <div aria-live="polite">
        <h2>{current?.title}</h2>
        <p>{current?.text}</p>
      </div>
      <StepButtons index={index} count={steps.length} onStep={setIndex} onClose={close} />
    </section>
  );
}
