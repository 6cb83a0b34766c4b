import { dicomwebTarget } from './dicomwebTarget.ts';

const STUDY = '/studies/1.2.840.113619.2.1';
const SERIES = `${STUDY}/series/1.3.6.1.4.1.14519.5.2.1`;
const INSTANCE = `${SERIES}/instances/2.25.329800735698586629295641978511506172918`;
const READ = ['GET', 'HEAD'];

describe('what stock viewers request', () => {
  it.each([
    '/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060',
    '/studies?PatientName=*M%C3%BCller%5E*&00100020=4711&StudyDate=20200101-20201231&ModalitiesInStudy=CT%2CMR',
    '/studies?00100020=A/1&AccessionNumber=a+b&StudyDescription=%27x%27',
    '/series?Modality=SR',
    '/instances?SOPClassUID=1.2.840.10008.5.1.4.1.1.88.33',
    `${STUDY}/series?includefield=0008103E%2C00080021&SeriesInstanceUID=1.2,1.3`,
    `${STUDY}/instances?00081110.00081155=1.2.3`,
    `${SERIES}/instances?RequestAttributesSequence.ScheduledProcedureStepID=7`,
    `${STUDY}/metadata`,
    `${SERIES}/metadata`,
    `${INSTANCE}/metadata`,
    SERIES,
    INSTANCE,
    `${INSTANCE}/frames/1`,
    `${INSTANCE}/frames/1,2,30`,
    `${INSTANCE}/frames/1%2C2`,
    `${INSTANCE}/frames/1/rendered?accept=image/jpeg&viewport=256,256&window=40,400,linear`,
    `${INSTANCE}/frames/1/thumbnail`,
    `${INSTANCE}/rendered?accept=application/pdf`,
    `${INSTANCE}/thumbnail?accept=image%2Fjpeg`,
    `${SERIES}/thumbnail`,
    `${STUDY}/rendered`,
    `${INSTANCE}/pixeldata`,
    `${INSTANCE}/bulkdata/7FE00010`,
    `${INSTANCE}/bulkdata/00081140/1/00420011?offset=0&length=100`,
    `${INSTANCE}/bulkdata`,
    `${INSTANCE}/bulk/00420011`,
    `${STUDY}/bulkdata/uv/xyz/f00-bar_1.mht.gz`,
    '?requestType=WADO&studyUID=1.2&seriesUID=1.3&objectUID=1.4&contentType=application%2Fdicom&transferSyntax=*',
    '/?requestType=WADO&studyUID=1.2&seriesUID=1.3&objectUID=1.4&contentType=image%2Fjpeg&frameNumber=2',
  ])('%s passes unchanged', (raw) => {
    const found = dicomwebTarget(raw);
    expect(found?.methods.slice(0, 2)).toEqual(READ);
    expect(`${found?.target.path}${found?.target.query}`).toBe(raw.replace(/^\/\?/, '?'));
  });

  it('is stored in all studies, or in one', () => {
    const storing = ['/studies', STUDY, '/series', '/instances', SERIES, INSTANCE, `${STUDY}/series`].filter(
      (raw) => dicomwebTarget(raw)?.methods.includes('POST'),
    );
    expect(storing).toEqual(['/studies', STUDY]);
  });
});

describe('a query', () => {
  it('is passed on in characters that mean the same to every server', () => {
    expect(
      dicomwebTarget('/studies?PatientName=A^B|C;_method=DELETE&StudyDescription=[x]')?.target.query,
    ).toBe('?PatientName=A%5EB%7CC%3B_method=DELETE&StudyDescription=%5Bx%5D');
    expect(dicomwebTarget('/studies?&&')?.target.query).toBe('');
    expect(dicomwebTarget('/studies?')?.target.query).toBe('');
  });

  it.each([
    '_method=DELETE',
    '%5Fmethod=DELETE',
    'PatientID=1&_method=DELETE',
    'X-HTTP-Method-Override=DELETE',
    'patientId=1',
    '__proto__=1',
    'PatientID%00=1',
    'includefield[]=all',
    'PatientName=%00',
    'PatientName=%0d%0aX-Y:1',
    'PatientName=%C0%AE',
    'PatientName=%E4',
    'PatientName=%',
    'PatientName=%u002e',
    'PatientName=a b',
    'PatientName="x"',
    'PatientName=<x>',
    'PatientName=x#y',
    'PatientName=\u00fc',
  ])('with %j is not', (query) => {
    expect(dicomwebTarget(`/studies?${query}`)).toBeUndefined();
  });
});

describe('WADO-URI', () => {
  it.each([
    '',
    '/',
    '?',
    '?requestType=wado',
    '?requestType=WADO&requestType=DELETE',
    '?requestType=WADO&_method=DELETE',
    '?requestType=WADO&PatientID=1',
    '?studyUID=1.2',
    '//?requestType=WADO',
    '/studies?requestType=WADO',
  ])('%j is none', (raw) => {
    expect(dicomwebTarget(raw)).toBeUndefined();
  });
});

it('does not read what is longer than any request', () => {
  expect(dicomwebTarget(`/studies?PatientName=${'x'.repeat(10_000)}`)).toBeUndefined();
});
