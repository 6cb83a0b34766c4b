import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { OmittedPriors } from '../priors/types.ts';
import { callerOf, parse, signalOf, methods, errors, json } from '../exchange/index.ts';
import type { ApiContext } from '../exchange/index.ts';
import { priorsAnswer, priorsQuery } from '../apiSchemas/index.ts';
import type { PriorsAnswer } from '../apiSchemas/index.ts';

type Warning = PriorsAnswer['warnings'][number];

function studies(count: number): string {
  return count === 1 ? '1 study' : `${count} studies`;
}

function warning(code: string, message: string): Warning {
  return { code: `priors/${code}`, message };
}

/** Studies that are not listed because of whose they are or when they were made. */
function studyWarnings({
  isPatientUnknown,
  isDateUnknown,
  later,
  otherIssuer,
  unsurePatient,
}: OmittedPriors): readonly Warning[] {
  return [
    isPatientUnknown &&
      warning(
        'patient-unknown',
        'the study has no Patient ID: other studies of the patient cannot be looked for',
      ),
    isDateUnknown && warning('date-unknown', 'the study has no date: some of the others may be later'),
    later > 0 && warning('later', `${studies(later)} of the patient later than this one: not listed`),
    otherIssuer > 0 &&
      warning(
        'other-issuer',
        `${studies(otherIssuer)} with the same Patient ID of another issuer: another patient, not listed`,
      ),
    unsurePatient > 0 &&
      warning(
        'patient-unsure',
        `${studies(unsurePatient)} with the same Patient ID, of which it is not certain whose they are: not listed`,
      ),
  ].filter((one) => one !== false);
}

/** What the PACS did not give out or was not requested of. */
function gapWarnings(omitted: OmittedPriors): readonly Warning[] {
  const { hiddenStudies, hiddenSeries, foreignSeries } = omitted;
  const { unansweredStudies, unansweredSeries, unread, isCut } = omitted;
  return [
    hiddenStudies > 0 &&
      warning(
        'hidden',
        `the PACS does not give out the images of ${studies(hiddenStudies)} to you: not listed`,
      ),
    hiddenSeries > 0 &&
      warning('hidden', `the PACS does not give out ${hiddenSeries} series to you: not listed`),
    foreignSeries > 0 &&
      warning(
        'foreign',
        `the images of ${foreignSeries} series name another patient, study or series: not listed`,
      ),
    unansweredStudies > 0 &&
      warning(
        'unanswered',
        `the PACS did not send the series of ${studies(unansweredStudies)} in time: listed without series`,
      ),
    unansweredSeries > 0 &&
      warning('unanswered', `the PACS did not send the headers of ${unansweredSeries} series: not listed`),
    unread > 0 &&
      warning('unread', `the series of ${studies(unread)} were not read: there are too many studies`),
    isCut && warning('unread', 'the patient has more studies than can be listed: some are missing'),
  ].filter((one) => one !== false);
}

const SOURCE_REASONS: Readonly<Record<NonNullable<OmittedPriors['sources']>[number]['reason'], string>> = {
  unanswered: 'did not answer in time: studies may be missing',
  hidden: 'does not show you studies of the patient',
  'issuer-unknown': 'has studies that are not listed: the issuer of the Patient IDs is not known',
};

/** What is missing of other PACS. */
function sourceWarnings({ sources = [] }: OmittedPriors): readonly Warning[] {
  return sources.map(({ name, reason }) =>
    warning(`source-${reason}`, `the PACS "${name}" ${SOURCE_REASONS[reason]}`),
  );
}

/** Earlier studies of the patient, and their series. */
export function priorsRouter({ samepoint }: ApiContext): Router {
  const router = Router();
  methods(router, '/priors', {
    get: async (req, res) => {
      const request = parse(priorsQuery, req.query, 'query');
      const { current, priors, omitted } = await samepoint.listPriors(request, callerOf(req), signalOf(res));
      const warnings = [...studyWarnings(omitted), ...gapWarnings(omitted), ...sourceWarnings(omitted)];
      const answer: PriorsAnswer = { current, priors, warnings };
      res.set('Cache-Control', 'no-store').json(answer);
    },
  });
  return router;
}

export const priorsPaths: ZodOpenApiPathsObject = {
  '/priors': {
    get: {
      summary: 'The earlier studies of a patient',
      description:
        'The studies in the PACS of the same Patient ID and issuer that are not later than the given one. The series of the newest 20 that may be compared are described from the headers of a few images, the most suitable one first; `current.series` begins with the series that is read.',
      requestParams: { query: priorsQuery },
      responses: {
        '200': json('The studies, and what may be missing', priorsAnswer),
        ...errors(400, 401, 403, 404, 429, 502, 504),
      },
    },
  },
};
