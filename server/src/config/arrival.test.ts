import { loadConfig, printConfig } from './index.ts';
import { problemsOf } from './testing/problemsOf.ts';

const ROOT = 'https://pacs.hospital.example/dicom-web';
const env = { SAMEPOINT_DICOMWEB_ROOT: ROOT };
const PROVIDER = {
  SAMEPOINT_BACKGROUND_ISSUER: 'https://idp.hospital.example',
  SAMEPOINT_BACKGROUND_CLIENT_ID: 'samepoint',
  SAMEPOINT_BACKGROUND_CLIENT_SECRET: 'secret of this server',
};

describe('the arrival of studies', () => {
  it('is not watched by default; its one rule fits every series of 20 images', async () => {
    const { dicomweb, arrival, background } = await loadConfig({ env });
    expect(dicomweb.arrival).toBe('none');
    expect(background).toEqual({});
    expect(arrival.rules).toEqual([
      { modalities: [], bodyParts: [], minimumSlices: 20, series: 1, priors: 2, findings: true },
    ]);
  });

  it('reads rules from a variable as JSON; each has the defaults of what it does not say', async () => {
    const rules = JSON.stringify([{ modalities: ['CT'], bodyParts: ['CHEST'], priors: 3 }, { series: 2 }]);
    const { arrival } = await loadConfig({ env: { ...env, SAMEPOINT_ARRIVAL_RULES: rules } });
    expect(arrival.rules).toMatchObject([
      { modalities: ['CT'], bodyParts: ['CHEST'], priors: 3, series: 1, minimumSlices: 20 },
      { modalities: [], series: 2, priors: 2 },
    ]);
  });

  it.each([
    ['CT, MR', 'arrival.rules'],
    ['[]', 'arrival.rules'],
    ['[{"modality": "CT"}]', 'arrival.rules.0.modality'],
    ['[{"priors": -1}]', 'arrival.rules.0.priors'],
  ])('refuses the rules %s, and names the key', async (rules, key) => {
    const problems = await problemsOf(loadConfig({ env: { ...env, SAMEPOINT_ARRIVAL_RULES: rules } }));
    expect(problems).toContain(key);
  });

  it('needs the REST root of Orthanc to follow its changes, for each source', async () => {
    const one = await problemsOf(loadConfig({ env: { ...env, SAMEPOINT_DICOMWEB_ARRIVAL: 'orthanc' } }));
    expect(one).toContain('dicomweb.orthancRoot');
    const sources = { main: { root: ROOT, arrival: 'orthanc' } };
    expect(await problemsOf(loadConfig({ overrides: { sources } }))).toContain('sources.main.orthancRoot');
  });
});

describe('credentials of background work', () => {
  it('are a header, or a client of the provider; secrets are not printed', async () => {
    const config = await loadConfig({ env: { ...env, ...PROVIDER } });
    expect(config.background).toMatchObject({ clientId: 'samepoint' });
    expect(printConfig(config)).not.toContain('secret of this server');
    const fixed = { ...env, SAMEPOINT_BACKGROUND_AUTHORIZATION: 'Basic c2FtZXBvaW50' };
    expect(printConfig(await loadConfig({ env: fixed }))).not.toContain('c2FtZXBvaW50');
  });

  it('cannot be both, nor a client without its secret, nor a secret sent in the clear', async () => {
    const both = { ...env, ...PROVIDER, SAMEPOINT_BACKGROUND_AUTHORIZATION: 'Basic c2FtZXBvaW50' };
    expect(await problemsOf(loadConfig({ env: both }))).toContain('background.authorization');
    const half = { ...env, ...PROVIDER, SAMEPOINT_BACKGROUND_CLIENT_SECRET: '' };
    expect(await problemsOf(loadConfig({ env: half }))).toContain('background.clientSecret');
    const plain = { ...env, ...PROVIDER, SAMEPOINT_BACKGROUND_ISSUER: 'http://idp.hospital.example' };
    expect(await problemsOf(loadConfig({ env: plain }))).toContain('background.issuer');
  });
});
