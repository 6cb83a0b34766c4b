import type { Request, Response } from 'express';
import { ownerOf } from '../application/index.ts';
import type { JobKind, JobSnapshot, MatchOutcome, Plan } from '../application/index.ts';
import { callerOf, signalOf } from './context.ts';
import type { ApiContext } from './context.ts';
import type { MatchAnswer, SeriesEmbeddingAnswer, WireJob, WireMatchOutcome } from './wire.ts';

/** A job as clients see it. */
export function jobBody({ preview, result, error, ...job }: JobSnapshot): WireJob {
  return {
    ...job,
    ...(preview === undefined ? {} : { preview: preview as MatchAnswer }),
    ...(result === undefined ? {} : { result: result as MatchAnswer | SeriesEmbeddingAnswer }),
    ...(error === undefined ? {} : { error: error.toJSON() }),
  };
}

/** An outcome as clients see it: the error as its body. */
export function outcomeBody(outcome: MatchOutcome): WireMatchOutcome {
  return outcome.ok ? outcome : { ...outcome, error: outcome.error.toJSON() };
}

/** Answers admitted work: 200 with the body when it is ready, otherwise 202 with a job whose result is that body. */
export async function answerPlan<Result>(
  context: ApiContext,
  kind: JobKind,
  plan: Plan<Result>,
  toBody: (result: Result) => MatchAnswer | SeriesEmbeddingAnswer,
  { req, res }: { readonly req: Request; readonly res: Response },
): Promise<void> {
  if (plan.ready) {
    res.json(toBody(await plan.run({ signal: signalOf(res) })));
    return;
  }
  const request = { kind, owner: ownerOf(callerOf(req)), series: plan.series };
  const job = context.jobs.start(request, async ({ onPreview, ...options }) => {
    const toPreview = (preview: Result): void => {
      onPreview(toBody(preview));
    };
    return toBody(await plan.run({ ...options, onPreview: toPreview }));
  });
  res.status(202).location(`${context.apiPath}/jobs/${job.id}`).json(jobBody(job));
}
