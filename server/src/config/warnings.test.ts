import { loadConfig } from './load.ts';
import { configWarnings } from './warnings.ts';

async function codes(dicomweb: Record<string, unknown>): Promise<string[]> {
  const config = await loadConfig({ overrides: { dicomweb }, needsPacs: false });
  return configWarnings(config).map(({ code }) => code);
}

describe('configWarnings', () => {
  it.each([
    'http://pacs.hospital.example/dicom-web',
    'http://10.1.2.3:8042/dicom-web',
    'http://orthanc:8042/dicom-web',
    'HTTP://PACS/dicom-web',
    'http://[fe80::1]/dicom-web',
    'http://localhost.example/dicom-web',
    'http://127.0.0.1.example/dicom-web',
  ])('report that %s can be read on the way', async (root) => {
    expect(await codes({ root })).toEqual(['config/plain-http-pacs']);
  });

  it.each([
    'https://pacs.hospital.example/dicom-web',
    'http://localhost:8042/dicom-web',
    'http://pacs.localhost/dicom-web',
    'http://127.0.0.1:8042/dicom-web',
    'http://127.1:8042/dicom-web',
    'http://[::1]:8042/dicom-web',
    'http://[::ffff:127.0.0.1]/dicom-web',
  ])('have nothing to say about %s', async (root) => {
    expect(await codes({ root })).toEqual([]);
  });

  it.each(['qidoRoot', 'wadoRoot', 'stowRoot'])('report that %s can be read on the way', async (key) => {
    const dicomweb = { root: 'https://pacs.example/dicom-web', [key]: 'http://pacs.example/dicom-web' };
    expect(await codes(dicomweb)).toEqual(['config/plain-http-pacs']);
  });

  it('report that everybody has the rights of the server, and do not contain the credentials', async () => {
    const dicomweb = { root: 'https://pacs.example/dicom-web', authorization: 'Basic c2VjcmV0' };
    expect(await codes(dicomweb)).toEqual(['config/shared-authorization']);
    const config = await loadConfig({
      overrides: { dicomweb: { ...dicomweb, root: 'http://pacs.example' } },
    });
    const text = JSON.stringify(configWarnings(config));
    expect(text).not.toMatch(/c2VjcmV0|pacs\.example/);
    expect(configWarnings(config)).toHaveLength(2);
  });

  it.each([
    ['redis://redis.hospital.example:6379', 'https://s3.example', ['config/plain-queue']],
    ['rediss://redis.hospital.example:6379', 'http://s3.example', ['config/plain-store']],
    ['redis://localhost:6379', 'http://127.0.0.1:9000', []],
  ])(
    'report that the queue at %s and the store at %s can be read on the way',
    async (redis, endpoint, expected) => {
      const queue = { redis, key: 'a secret of thirty-two characters' };
      const store = { type: 's3', bucket: 'embeddings', endpoint };
      const config = await loadConfig({ overrides: { queue, store }, needsPacs: false });
      expect(configWarnings(config).map(({ code }) => code)).toEqual(expected);
    },
  );
});
