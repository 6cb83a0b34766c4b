/**
 * Every route of the API: known here, known to the fuzzer, and closed to whom the PACS refuses, also for what the server has at hand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenOf } from '../../server/src/ports/testing/token.ts';
import { CURRENT, fakePair, PRIOR, refOf } from '../../server/src/ports/testing/index.ts';
import { attackKeys } from '../../server/src/auth/testing/attacks.ts';
import { securedApp } from '../../server/src/http/testing/securedApp.ts';
import type { SecuredApp } from '../../server/src/http/testing/securedApp.ts';
import { testApp } from '../../server/src/http/testing/testServer.ts';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';
import { FUZZED_ROUTES, TEMPLATE } from '../fuzz/targets/api.ts';
import { apiRequests } from '../support/apiRequests.ts';
import type { ApiRequest, Gives } from '../support/apiRequests.ts';
import { SamepointApi } from '../support/api.ts';
import type { SeriesRef } from '../support/api.ts';
import { errorOf } from '../support/hospital.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { ROOT } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { ALL_RIGHTS, RightsProxy } from '../support/rightsProxy.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';

/** Slices enough for the map of a pair. */
const SLICES = 30;
const NO_JOB = '6f1ed002-ab56-4a26-8d5f-0f0c5a1c9b11';
/** Files beside the API. */
const FILES = ['GET /extension.js'];

const FAKE_REQUESTS = apiRequests({
  query: refOf(CURRENT),
  target: refOf(PRIOR),
  lps: [1, 2, 3],
  pair: fakePair(),
  template: TEMPLATE,
  job: NO_JOB,
});

const nameOf = ({ method, route }: Pick<ApiRequest, 'method' | 'route'>): string => `${method} ${route}`;
const giving = (...gives: Gives[]): readonly ApiRequest[] =>
  FAKE_REQUESTS.filter((one) => gives.includes(one.gives));

/** What of Express's router is looked at. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/** Methods and paths of all routes, those of routers in routers included. */
function routesIn(layers: readonly Layer[]): readonly string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return routesIn(handle?.stack ?? []);
    // `_all`: the answer to every other method.
    const methods = Object.keys(route.methods).filter((method) => method !== '_all');
    return methods.map((method) => nameOf({ method: method.toUpperCase() as 'GET', route: route.path }));
  });
}

async function listening(
  app: SecuredApp['app'],
): Promise<{ readonly api: SamepointApi; readonly close: () => Promise<void> }> {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    api: new SamepointApi(`http://127.0.0.1:${portOf(server)}/samepoint/api`),
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

describe('every route', () => {
  test('has a request here, and the fuzzer sends it', async () => {
    const { app } = await testApp();
    const routes = routesIn((app.router as unknown as { readonly stack: readonly Layer[] }).stack);
    const known = FAKE_REQUESTS.map(nameOf);
    expect([...known, ...FILES].sort()).toEqual([...routes].sort());
    expect([...FUZZED_ROUTES].sort()).toEqual([...known].sort());
  });

  test('needs a login where the server has one, unless it says nothing of a patient', async () => {
    const { app } = await securedApp([(await attackKeys()).key.jwk]);
    const { api, close } = await listening(app);
    try {
      const open: string[] = [];
      for (const one of FAKE_REQUESTS) {
        const { status } = await api.request(one.method, one.path, one.body);
        if (status !== 401) open.push(nameOf(one));
      }
      expect(open).toEqual(giving('public', 'nothing').map(nameOf));
    } finally {
      await close();
    }
  });
});

const BOB = tokenOf({ iss: 'https://idp.hospital.example', sub: 'bob', exp: 1 });
const ALICE = tokenOf({ iss: 'https://idp.hospital.example', sub: 'alice', exp: 1 });

describeWith(['orthanc'], 'every route, with all of a pair at hand', () => {
  let orthanc: Orthanc;
  let proxy: RightsProxy;
  let server: SamepointServer;
  let requests: readonly ApiRequest[];

  const send = (one: ApiRequest, authorization: string): ReturnType<SamepointApi['request']> =>
    server.api.request(one.method, one.path, one.body, { Authorization: authorization });
  /** The error of a request; its status where it is answered. */
  const answerOf = async (one: ApiRequest, authorization: string): Promise<string> => {
    const { status, body } = await send(one, authorization);
    return status >= 400 ? errorOf(body).code : String(status);
  };
  const answers = async (authorization: string, ...gives: Gives[]): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const one of requests.filter((other) => gives.includes(other.gives)))
      found[nameOf(one)] = await answerOf(one, authorization);
    return found;
  };

  beforeAll(async () => {
    orthanc = await startOrthanc();
    proxy = await RightsProxy.start(orthanc.dicomweb.root);
    proxy.rights.set(ALICE, ALL_RIGHTS);
    const patient = new SmallPatient(orthanc.dicomweb);
    const [query, target]: SeriesRef[] = [
      await patient.storeCurrent({ slices: SLICES }),
      await patient.storePrior({ slices: SLICES }),
    ];
    server = await startSamepoint({ dicomweb: { root: proxy.root, retries: 1 }, access: { memoMs: 0 } });
    const { id } = (await server.api.request('POST', '/fields', { query, target }, { Authorization: ALICE }))
      .body as { id: string };
    const file = join(ROOT, 'config/landmarks/phantom-trunk.json');
    const template = JSON.parse(readFileSync(file, 'utf8')) as object;
    const pair = fakePair(
      { ...query!, sopInstanceUids: ['1.2.3'] },
      { ...target!, sopInstanceUids: ['1.2.4'] },
    );
    requests = apiRequests({ query: query!, target: target!, lps: patient.point, pair, template, job: id });
    for (const one of requests.filter(({ gives, method }) => gives === 'images' && method === 'POST')) {
      const ended = await server.api.follow(one.path, one.body, { Authorization: ALICE });
      if ('state' in ended)
        expect([one.path, ended.state, ended.error]).toEqual([one.path, 'done', undefined]);
    }
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await orthanc.stop();
  });

  test('what is made of images is there for whom the PACS shows them', async () => {
    const found = Object.values(await answers(ALICE, 'images'));
    expect(found.filter((answer) => !/^20[01]$/u.test(answer))).toEqual([]);
  });

  test('is closed to whom the PACS does not know', async () => {
    const found = await answers(BOB, 'images', 'objects');
    expect(new Set(Object.values(found))).toEqual(new Set(['dicomweb/unauthorized']));
  });

  test('is closed to whom the PACS lists series and sends no images', async () => {
    proxy.rights.set(BOB, { search: true, retrieve: false });
    const found = await answers(BOB, 'images');
    expect(new Set(Object.values(found))).toEqual(new Set(['dicomweb/forbidden']));
  });

  test('gives no job to another user', async () => {
    proxy.rights.set(BOB, ALL_RIGHTS);
    const found = await answers(BOB, 'job');
    expect(new Set(Object.values(found))).toEqual(new Set(['http/unknown-job']));
  });
});
