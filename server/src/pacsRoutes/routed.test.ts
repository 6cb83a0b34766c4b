import { routedSource, withRules } from './routed.ts';
import type { DicomwebSource, RequestOptions } from '../dicomweb/types.ts';

const SERIES = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.1' };

/** A PACS that writes down what it receives, and lists one study of each issuer. */
function recording(issuers: readonly (string | undefined)[] = []) {
  const received: (readonly [string, RequestOptions | undefined])[] = [];
  const write = (method: string) => {
    return (...args: unknown[]) => {
      received.push([method, args.at(-1) as RequestOptions | undefined]);
      return Promise.resolve([]);
    };
  };
  const source = {
    searchStudies: async (...args: unknown[]) => {
      await write('searchStudies')(...args);
      return issuers.map((issuer) => ({
        '00100021': { vr: 'LO', ...(issuer === undefined ? {} : { Value: [issuer] }) },
      }));
    },
    searchSeries: write('searchSeries'),
    searchInstances: write('searchInstances'),
    retrieveSeriesMetadata: write('retrieveSeriesMetadata'),
    retrieveInstanceMetadata: write('retrieveInstanceMetadata'),
    retrieveSeries: write('retrieveSeries'),
    probeInstance: write('probeInstance'),
    retrieveInstance: write('retrieveInstance'),
    storeInstances: write('storeInstances'),
  } as unknown as DicomwebSource;
  return { received, source };
}

async function callEach(source: DicomwebSource, options: RequestOptions, ref = SERIES): Promise<void> {
  await source.searchStudies({}, options);
  await source.searchSeries('1.2', {}, options);
  await source.searchInstances(ref, {}, options);
  await source.retrieveSeriesMetadata(ref, options);
  await source.retrieveInstanceMetadata(ref, '1.2.1.1', options);
  // The recording PACS gives a promise in the place of a stream.
  await (source.retrieveSeries(ref, options) as unknown as Promise<void>);
  await source.probeInstance(ref, '1.2.1.1', options);
  await source.retrieveInstance(ref, '1.2.1.1', options);
  await source.storeInstances('1.2', [], options);
}

describe('withRules', () => {
  it('sends the credentials of callers on, or none of them in any request', async () => {
    const options = { authorization: 'Bearer reader' };
    const trusted = recording();
    await callEach(withRules(trusted.source, { forwardAuthorization: true }), options);
    expect(trusted.received.map(([, one]) => one)).toEqual(Array.from({ length: 9 }, () => options));
    const foreign = recording();
    await callEach(withRules(foreign.source, { forwardAuthorization: false }), options);
    expect(foreign.received.map(([, one]) => one)).toEqual(Array.from({ length: 9 }, () => ({})));
  });

  it('names the issuer of the Patient IDs where the PACS names none', async () => {
    const { source } = recording([undefined, ' ', 'CLINIC']);
    const rules = { forwardAuthorization: true, issuerOfPatientId: 'HOSPITAL' };
    const studies = await withRules(source, rules).searchStudies({});
    expect(studies.map((study) => study['00100021']?.Value?.[0])).toEqual(['HOSPITAL', 'HOSPITAL', 'CLINIC']);
  });
});

describe('routedSource', () => {
  it('sends each request to the PACS that its series or its options name, and to no other', async () => {
    const [main, archive] = [recording(), recording()];
    const routed = routedSource((name) => (name === 'archive' ? archive.source : main.source));
    await callEach(routed, { source: 'archive' }, { ...SERIES, source: 'archive' } as typeof SERIES);
    expect([main.received.length, archive.received.length]).toEqual([0, 9]);
  });
});
