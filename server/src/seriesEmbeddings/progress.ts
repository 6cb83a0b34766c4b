import type { Progress } from './types.ts';

type Report = (progress: Progress) => void;

/** Numbers the parts of a request for the reader; a single part needs no number. */
function labelled(message: string, part: number, parts: number): string {
  return parts === 1 ? message : `Series ${part + 1} of ${parts}: ${message}`;
}

/**
 * One progress out of several parts that run at the same time: the mean of their fractions times `share`, with the
 * stage and words of the part that moved last. Never falls.
 */
export function combineProgress(
  parts: number,
  share: number,
  report: Report | undefined,
): (part: number) => Report {
  const fractions = new Array<number>(parts).fill(0);
  let highest = 0;
  return (part) => (progress) => {
    fractions[part] = Math.max(fractions[part] ?? 0, progress.fraction);
    highest = Math.max(highest, (share * fractions.reduce((sum, value) => sum + value, 0)) / parts);
    report?.({
      stage: progress.stage,
      fraction: highest,
      message: labelled(progress.message, part, parts),
    });
  };
}
