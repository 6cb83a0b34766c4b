import request from 'supertest';
import { createOpenapi } from './openapiDocument.ts';
import { testApp } from '../http/testing/testServer.ts';

type Document = ReturnType<typeof createOpenapi>;

/** Paths and methods of the table in docs/architecture.md, written down a second time on purpose. */
const PROMISED = [
  ['/arrivals', ['post']],
  ['/fields', ['post']],
  ['/findings', ['get']],
  ['/health', ['get']],
  ['/health/live', ['get']],
  ['/health/ready', ['get']],
  ['/jobs/{id}', ['delete', 'get']],
  ['/jobs/{id}/events', ['get']],
  ['/landmark-templates', ['post']],
  ['/landmarks', ['post']],
  ['/matches', ['post']],
  ['/models', ['get']],
  ['/pair-registrations', ['post']],
  ['/priors', ['get']],
  ['/registrations', ['get', 'post']],
  ['/reports', ['get', 'post']],
  ['/series-embeddings', ['post']],
  ['/similarities', ['post']],
  ['/sources', ['get']],
  ['/time-point-reports', ['post']],
] as const;

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

describe('openapi.json', () => {
  it('is served and names every path and method that is promised', async () => {
    const { app } = await testApp();
    const answer = await request(app).get('/samepoint/api/openapi.json').expect(200);
    const { paths = {}, servers } = answer.body as Document;
    const described = Object.entries(paths)
      .map(([path, item]) => [path, Object.keys(item).sort()])
      .sort();
    expect(described).toEqual(PROMISED);
    expect(servers).toEqual([{ url: '/samepoint/api' }]);
  });

  it('describes only what answers: no described path and method is unknown to the app', async () => {
    const { app } = await testApp();
    for (const [path, methods] of PROMISED) {
      for (const method of methods) {
        const url = `/samepoint/api${path.replace('{id}', '6f1ed002-ab56-4a26-8d5f-0f0c5a1c9b11')}`;
        const { body } = (await request(app)[method](url)) as { body: { error?: { code: string } } };
        expect(['http/not-found', 'http/method-not-allowed']).not.toContain(body.error?.code);
      }
    }
  });

  it('resolves every reference', () => {
    const document = createOpenapi('/samepoint/api', '1.0.0');
    const found = references(document);
    expect(found).toContain('#/components/schemas/SeriesPoint');
    for (const reference of found) {
      const name = reference.replace('#/components/schemas/', '');
      expect(Object.keys(document.components?.schemas ?? {})).toContain(name);
    }
  });

  it('is strict: unknown keys of a request are refused', () => {
    const document = createOpenapi('/samepoint/api', '1.0.0');
    expect(document.components?.schemas?.['MatchRequest']).toMatchObject({ additionalProperties: false });
  });
});
