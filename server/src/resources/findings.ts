import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { FindingList } from '../studyDocuments/index.ts';
import { callerOf, parse, signalOf, methods, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { findingsAnswer, findingsQuery, LIMIT } from '../apiSchemas/index.ts';
import type { FindingsAnswer } from '../apiSchemas/index.ts';
import { defined } from './saving.ts';

type Warning = FindingsAnswer['warnings'][number];

/** Reasons that a message names. */
const NAMED_REASONS = 3;

function documents(count: number): string {
  return count === 1 ? '1 document' : `${count} documents`;
}

/** What is missing in an answer, in words. */
function warningsOf({ total, next, findings, unread, documents: counts }: FindingList): readonly Warning[] {
  const warnings: Warning[] = [];
  if (unread.count > 0) {
    const named = unread.reasons
      .slice(0, NAMED_REASONS)
      .map(({ reason, count }) => `${reason} (${count})`)
      .join('; ');
    const others = unread.reasons.length > NAMED_REASONS ? '; and other reasons' : '';
    const message = `${unread.count} of ${total} findings could not be read: ${named}${others}`;
    warnings.push({ code: 'findings/unread', message });
  }
  if (counts.unreadable > 0) {
    const message = `${documents(counts.unreadable)} of the study could not be read; findings in them are missing here`;
    warnings.push({ code: 'findings/unreadable', message });
  }
  if (counts.foreign > 0) {
    const message = `${documents(counts.foreign)} of the study name another patient, study or series; their findings are omitted`;
    warnings.push({ code: 'findings/foreign', message });
  }
  if (counts.leftOut > 0) {
    const message = `${documents(counts.leftOut)} of the study were not read: there are too many`;
    warnings.push({ code: 'findings/left-out', message });
  }
  if (next !== undefined) {
    const message = `the answer holds ${findings.length} of ${total} findings; the next ones begin at offset ${next}`;
    warnings.push({ code: 'findings/left-out', message });
  }
  return warnings;
}

/** Findings of documents in the PACS, whoever wrote them. */
export function findingsRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/findings', {
    get: async (req, res) => {
      const query = parse(findingsQuery, req.query, 'query');
      const request = { offset: 0, limit: LIMIT, ...defined(query) };
      const list = await samepoint.listFindings(request, callerOf(req), signalOf(res));
      const { findings, total, next, unread, reports } = list;
      const answer: FindingsAnswer = {
        findings,
        total,
        ...(next === undefined ? {} : { next }),
        unread,
        reports,
        warnings: warningsOf(list),
      };
      res.set('Cache-Control', 'no-store').json(answer);
    },
  });
  return router;
}

export const findingsPaths: ZodOpenApiPathsObject = {
  '/findings': {
    get: {
      summary: 'The findings of a study',
      description:
        'Of its structured reports (TID 1500), segmentations and structure sets, whoever wrote them, placed in the patient. The newest document counts; replaced and withdrawn ones are omitted.',
      requestParams: { query: findingsQuery },
      responses: {
        '200': json('The findings, and what could not be read', findingsAnswer),
        ...errors(400, 401, 403, 404, 429, 502),
      },
    },
  },
};
