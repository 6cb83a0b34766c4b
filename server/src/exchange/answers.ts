import type { Request, Response } from 'express';
import { ownerOf } from '../access/index.ts';
import type { MatchOutcome, MatchResult, Plan, ReadyField, ReadySeries } from '../application/index.ts';
import type { JobKind, JobResult, JobSnapshot } from '../jobs/index.ts';
import { callerOf, signalOf } from './context.ts';
import type { ApiContext } from './context.ts';
import type { MatchAnswer, WireJob, WireMatchOutcome } from '../apiSchemas/index.ts';

/** A job as clients see it. */
export function jobBody({ preview, result, error, ...job }: JobSnapshot): WireJob {
  return {
    ...job,
    ...(preview === undefined ? {} : { preview: matchBody(preview) }),
    ...(result === undefined ? {} : { result: resultBody(result) }),
    ...(error === undefined ? {} : { error: error.toJSON() }),
  };
}

/** An outcome as clients see it: the error as its body. */
function outcomeBody(outcome: MatchOutcome): WireMatchOutcome {
  return outcome.ok ? outcome : { ...outcome, error: outcome.error.toJSON() };
}

function matchBody({ matches, warnings }: MatchResult): MatchAnswer {
  return { matches: matches.map(outcomeBody), warnings };
}

function resultBody(result: JobResult): NonNullable<WireJob['result']> {
  return 'matches' in result ? matchBody(result) : result;
}

/** Answers admitted work: 200 with the body when it is ready, otherwise 202 with a job whose result is that body. */
export async function answerPlan(
  context: ApiContext,
  kind: JobKind,
  plan: Plan<MatchResult, MatchResult> | Plan<ReadySeries>,
  { req, res }: Exchange,
): Promise<void> {
  if (plan.ready) res.json(resultBody(await plan.run({ signal: signalOf(res) })));
  else await answerJob(context, kind, plan, { req, res });
}

/** A request and its answer. */
export interface Exchange {
  readonly req: Request;
  readonly res: Response;
}

/** Starts admitted work as a job and answers 202 with it. */
export async function answerJob(
  context: ApiContext,
  kind: JobKind,
  plan: Plan<MatchResult, MatchResult> | Plan<ReadySeries> | Plan<ReadyField>,
  { req, res }: Exchange,
): Promise<void> {
  const requestId = typeof req.id === 'string' ? req.id : undefined;
  const request = { kind, owner: ownerOf(callerOf(req)), series: plan.series, requestId };
  const job = await context.jobs.start(request, (options): Promise<JobResult> => plan.run(options));
  res.status(202).location(`${context.apiPath}/jobs/${job.id}`).json(jobBody(job));
}

/** The work of a job that keeps nothing of what it makes: the same request gives that when the job is done. */
export function withoutResult(plan: Plan<ReadyField>): Plan<ReadyField> {
  return {
    ...plan,
    run: async (options) => {
      const { state, query, target, model } = await plan.run(options);
      return { state, query, target, model };
    },
  };
}
