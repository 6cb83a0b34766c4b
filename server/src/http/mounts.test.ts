import { Router } from 'express';
import request from 'supertest';
import { testApp } from './testing/testServer.ts';

const API = '/samepoint/api';

describe('DICOMweb beside the API', () => {
  const archive = Router().get('/studies', (_req, res) => void res.json([]));
  const mounts = [{ path: '/dicom-web', router: archive }];

  it('has a limit of its own', async () => {
    const { app } = await testApp({ http: { requestsPerMinute: 1, imageRequestsPerMinute: 2 } }, { mounts });
    await request(app).get('/dicom-web/studies').expect(200);
    await request(app).get('/dicom-web/studies').expect(200);
    const refused = await request(app).get('/dicom-web/studies').expect(429);
    expect(refused.body).toMatchObject({ error: { code: 'http/too-many-requests' } });
    await request(app).get(`${API}/health`).expect(200);
  });

  it('is not reached by another spelling of its path, which a rule of a proxy would not know', async () => {
    const { app } = await testApp({}, { mounts });
    await request(app).get('/DICOM-WEB/studies').expect(404);
    await request(app).get('/%64icom-web/studies').expect(404);
  });
});
