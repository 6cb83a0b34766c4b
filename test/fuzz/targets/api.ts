/** The HTTP API over fakes: paths, parameters and bodies of requests, and reports of time points; the manifest of a model. */
import { createServer } from 'node:http';
import { manifestSchema } from '../../../server/src/model/manifest.ts';
import { manifestJson } from '../../../server/src/model/testing/manifestJson.ts';
import { testApp } from '../../../server/src/http/testing/testServer.ts';
import { catalogue } from '../../../server/src/errors/index.ts';
import { createSamepoint } from '../../../server/src/application/index.ts';
import { CURRENT, fakePair, fakePorts, PRIOR, refOf } from '../../../server/src/ports/testing/index.ts';
import { FindingsPacs } from '../../../server/src/ports/testing/findingsPacs.ts';
import { STUDY } from '../../../server/src/findings/testing/documents.ts';
import { CARRIED_OVER, lesion, unseen } from '../../../server/src/report/timePoint/testing/lesions.ts';
import { apiRequests } from '../../support/apiRequests.ts';
import { mutateJson } from '../mutate.ts';
import type { Random } from '../random.ts';
import type { Target } from './target.ts';
import { portOf } from '../../../server/src/concurrency/testing/portOf.ts';

/** A template of landmarks as far as its form goes; its vectors are of no image. */
export const TEMPLATE = {
  format: 'samepoint-landmark-template',
  version: 1,
  model: { id: 'm1', version: '1.0.0' },
  modality: 'CT',
  volume: { dims: [1, 1, 1], voxelToLps: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] },
  landmarks: [{ name: 'carina', lps: [1, 2, 3] }],
  reachMm: 8,
  mask: '/w==',
  maps: [
    {
      role: 'fine',
      channels: 1,
      dims: [1, 1, 1],
      voxelToLps: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      vectors: 'fw==',
    },
  ],
};
const VALID = apiRequests({
  query: refOf(CURRENT),
  target: refOf(PRIOR),
  lps: [1, 2, 3],
  pair: fakePair(),
  template: TEMPLATE,
  job: '1',
});
const BODIES = VALID.flatMap(({ path, body }) =>
  body === undefined ? [] : [[path.slice(1), body] as const],
);
/** Methods and paths that are sent. */
export const FUZZED_ROUTES: readonly string[] = VALID.map(({ method, route }) => `${method} ${route}`);
const PATHS = [
  ...VALID.filter(({ body }) => body === undefined).map(({ path }) => path.slice(1)),
  'priors?studyInstanceUid=1.2.3.4.1&seriesInstanceUid=1',
  '..',
  '%2e%2e',
  '%',
  '%00',
  '?',
  'jobs/%ff',
  'reports?studyInstanceUid[]=1',
  'reports?studyInstanceUid=1&studyInstanceUid=2',
];

interface Request {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

function request(random: Random): Request {
  const [path, body] = random.pick(BODIES);
  if (random.chance(0.3))
    return {
      method: random.pick(['GET', 'DELETE', 'PUT', 'POST', 'PATCH']),
      path: random.pick(PATHS),
      type: '',
      body: '',
    };
  const type = random.chance(0.9)
    ? 'application/json'
    : random.pick(['text/plain', 'application/json; charset=utf-16', '']);
  return { method: 'POST', path, type, body: mutateJson(body, random).toString('base64') };
}

let base: Promise<string> | undefined;
let timePointsBase: Promise<string> | undefined;
const HTTP = { http: { requestsPerMinute: 1e9 } };

async function listen({ app }: Pick<Awaited<ReturnType<typeof testApp>>, 'app'>): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  const port = portOf(server);
  return `http://127.0.0.1:${port}/samepoint/api/`;
}

/** Sends a request; every answer is a success or an error of the catalogue. */
async function send({ method, path, type, body }: Request, root: string): Promise<void> {
  const hasBody = !['GET', 'DELETE'].includes(method) && body !== '';
  const answer = await fetch(`${root}${path}`, {
    method,
    headers: { connection: 'close', ...(type === '' ? {} : { 'content-type': type }) },
    ...(hasBody ? { body: Buffer.from(body, 'base64') } : {}),
  });
  const text = await answer.text();
  if (answer.status < 400) return;
  const { error } = JSON.parse(text) as { readonly error?: { readonly code?: string } };
  if (answer.status === 500 || error?.code === undefined || !(error.code in catalogue))
    throw new Error(`HTTP ${answer.status} ${error?.code ?? 'without a code'}`);
}

export const api: Target = {
  name: 'api',
  weight: 0.5,
  make: (random) => Buffer.from(JSON.stringify(request(random))),
  async run(input) {
    const sent = JSON.parse(Buffer.from(input).toString('utf8')) as Request;
    base ??= testApp(HTTP).then(listen);
    await send(sent, await base);
  },
};

const pacs = new FindingsPacs();
const timePointBody = {
  studyInstanceUid: STUDY,
  timePoint: { name: '2026-03-02', type: 'baseline' },
  observations: [lesion({ carriedOver: CARRIED_OVER }), unseen()],
  basedOn: ['2.25.1'],
  assessment: { sumMm: 10, changeFromNadirPercent: 2, response: 'SD' },
};

async function timePointsApp(): ReturnType<typeof testApp> {
  const ports = { ...fakePorts([]), source: pacs };
  return await testApp(HTTP, {
    samepoint: createSamepoint(ports, { version: '1', queueLimit: 1, memoMs: 1000 }),
  });
}

/** What a reader has confirmed of a study, written as a report and read back. */
export const timePoints: Target = {
  name: 'timePoints',
  weight: 0.5,
  make: (random) => mutateJson(timePointBody, random),
  async run(input) {
    pacs.documents = [];
    timePointsBase ??= timePointsApp().then(listen);
    const body = Buffer.from(input).toString('base64');
    const sent = { method: 'POST', path: 'time-point-reports', type: 'application/json', body };
    await send(sent, await timePointsBase);
  },
};

export const manifest: Target = {
  name: 'manifest',
  weight: 0.5,
  make: (random) => mutateJson(manifestJson(), random),
  run(input) {
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(input).toString('utf8'));
    } catch {
      return;
    }
    manifestSchema.safeParse(json);
  },
};
