import { changesSince } from './orthanc.ts';
import { FakeHospital } from './testing/hospital.ts';

const ROOT = 'http://orthanc.hospital.example:8042/';

/** Changes of Orthanc, numbered from 1, and its studies. */
class FakeOrthanc {
  changes: { readonly type: string; readonly id: string }[] = [];
  studies: Record<string, string> = {};
  status = 200;
  readonly requests: { readonly path: string; readonly authorization: string | null }[] = [];

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const authorization = new Headers(init?.headers).get('authorization');
    this.requests.push({ path: url.pathname + url.search, authorization });
    if (this.status !== 200) return Promise.resolve(new Response('', { status: this.status }));
    return Promise.resolve(
      url.pathname === '/changes' ? this.#page(url.searchParams) : this.#study(url.pathname),
    );
  };

  #page(query: URLSearchParams): Response {
    const all = this.changes.map(({ type, id }, index) => ({ ChangeType: type, ID: id, Seq: index + 1 }));
    if (query.has('last')) return Response.json({ Changes: all.slice(-1), Done: true, Last: all.length });
    const [since, limit] = [Number(query.get('since')), Number(query.get('limit'))];
    const page = all.slice(since, since + limit);
    const last = page.at(-1)?.Seq ?? since;
    return Response.json({ Changes: page, Done: last >= all.length, Last: last });
  }

  #study(path: string): Response {
    const uid = this.studies[path.replace('/studies/', '')];
    if (uid === undefined) return new Response('', { status: 404 });
    return Response.json({ MainDicomTags: { StudyInstanceUID: uid } });
  }

  /** A study is stored and changes no more. */
  store(number: number): void {
    this.studies[`o${number}`] = `1.${number}`;
    for (const type of ['NewStudy', 'NewInstance', 'StableStudy'])
      this.changes.push({ type, id: `o${number}` });
  }
}

let orthanc: FakeOrthanc;
beforeEach(() => {
  orthanc = new FakeOrthanc();
});

const request = { authorization: 'Bearer own', signal: new AbortController().signal };
const since = (change?: number): ReturnType<typeof changesSince> =>
  changesSince({ root: ROOT, fetch: orthanc.fetch }, change, request);

describe('the changes of Orthanc', () => {
  test('begin with what comes after the watch has begun', async () => {
    orthanc.store(1);
    expect(await since()).toEqual({ studies: [], last: 3 });
    orthanc.store(2);
    expect(await since(3)).toEqual({ studies: ['1.2'], last: 6 });
    expect(await since(6)).toEqual({ studies: [], last: 6 });
  });

  test('are read page by page, each study once, without those that are deleted', async () => {
    for (let number = 1; number <= 120; number += 1) orthanc.store(number);
    orthanc.store(5);
    delete orthanc.studies['o7'];
    const { studies, last } = await since(0);
    expect(studies).toHaveLength(119);
    expect(new Set(studies).size).toBe(119);
    expect(last).toBe(363);
  });

  test('of an Orthanc that was set up anew are all new', async () => {
    orthanc.store(1);
    expect(await since(500)).toEqual({ studies: ['1.1'], last: 3 });
  });

  test('are read with our own credentials, or with those of the source where it must not get them', async () => {
    await since(0);
    expect(orthanc.requests[0]).toEqual({ path: '/changes?last', authorization: 'Bearer own' });
    await changesSince({ root: ROOT, fetch: orthanc.fetch, authorizationFor: () => 'Basic x' }, 0, request);
    expect(orthanc.requests.at(-1)?.authorization).toBe('Basic x');
  });

  test.each([
    [401, 'dicomweb/unauthorized'],
    [403, 'dicomweb/forbidden'],
    [404, 'dicomweb/bad-answer'],
    [500, 'dicomweb/rejected'],
  ])('that are answered with HTTP %p are the error %s', async (status, code) => {
    orthanc.status = status;
    await expect(since(0)).rejects.toMatchObject({ code });
  });

  test('of something that is no Orthanc are an error in words', async () => {
    const page = (): Promise<Response> => Promise.resolve(new Response('<html>'));
    await expect(changesSince({ root: ROOT, fetch: page }, 0, request)).rejects.toMatchObject({
      code: 'dicomweb/unreachable',
    });
  });

  test('make the studies due at once: Orthanc has waited already; a restart goes on behind the last one', async () => {
    const hospital = new FakeHospital();
    const source = { by: 'orthanc', orthanc: { root: ROOT, fetch: orthanc.fetch } } as const;
    const watch = hospital.watch({}, source);
    await watch.look();
    hospital.send('1.1');
    orthanc.store(1);
    await watch.look();
    await watch.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.1.1']);
    const again = hospital.watch({}, source);
    hospital.send('1.2');
    orthanc.store(2);
    await again.look();
    await again.precomputeDue();
    expect(hospital.done).toEqual(['embed 1.1.1', 'embed 1.2.1']);
  });
});
