/** QIDO-RS of the archive over HTTP. */
import type { DcmjsDict } from 'dcmjs';
import { part10 } from '../dicomweb/testing/part10.ts';
import type { RunningArchive } from './testing/archive.ts';
import { runArchive } from './testing/archive.ts';

type Json = Record<string, { vr: string; Value?: unknown[] }>;

let running: RunningArchive;

function patient(name: string, id: string, date: string, more: DcmjsDict = {}): DcmjsDict {
  return {
    '00080020': { vr: 'DA', Value: [date] },
    '00081030': { vr: 'LO', Value: [`CT of ${date.slice(0, 4)}`] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] },
    '00100020': { vr: 'LO', Value: [id] },
    ...more,
  };
}

beforeAll(async () => {
  running = await runArchive();
  const { archive } = running;
  const prior = patient('Roe^Jane', 'P1', '20230510');
  const current = patient('Roe^Jane', 'P1', '20240612');
  for (const number of [1, 2, 3])
    await archive.store(
      part10({
        study: '1.1',
        series: '1.1.1',
        sop: `1.1.1.${number}`,
        elements: {
          ...prior,
          '0020000E': { vr: 'UI', Value: ['1.1.1'] },
          '00200013': { vr: 'IS', Value: [String(number)] },
        },
      }),
    );
  await archive.store(part10({ study: '1.2', series: '1.2.1', sop: '1.2.1.1', elements: current }));
  await archive.store(
    part10({
      study: '1.2',
      series: '1.2.2',
      sop: '1.2.2.1',
      sopClass: '1.2.840.10008.5.1.4.1.1.88.22',
      elements: {
        ...current,
        '00080060': { vr: 'CS', Value: ['SR'] },
        '0008103E': { vr: 'LO', Value: ['Samepoint'] },
        '00400275': { vr: 'SQ', Value: [{ '00401001': { vr: 'SH', Value: ['RP7'] } }] },
      },
    }),
  );
  await archive.store(
    part10({
      study: '1.3',
      series: '1.3.1',
      sop: '1.3.1.1',
      elements: patient('Doe^John', 'P2', '20240101'),
    }),
  );
});

afterAll(async () => {
  await running.stop();
});

async function query(path: string): Promise<Json[]> {
  const response = await fetch(`${running.root}${path}`, { headers: { accept: 'application/dicom+json' } });
  expect([path, response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([
    path,
    200,
    'application/dicom+json',
  ]);
  return (await response.json()) as Json[];
}

const uids = (answer: readonly Json[], tag: string): unknown[] => answer.map((json) => json[tag]?.Value?.[0]);
const STUDY = '0020000D';

test('a study as the study list of OHIF requests it', async () => {
  const answer = await query(
    '/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060&StudyDate=20240601-20240630',
  );
  expect(answer).toHaveLength(1);
  expect(answer[0]).toEqual({
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080020': { vr: 'DA', Value: ['20240612'] },
    '00080056': { vr: 'CS', Value: ['ONLINE'] },
    '00080060': { vr: 'CS', Value: ['CT'] },
    '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
    '00080062': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.88.22'] },
    '00081030': { vr: 'LO', Value: ['CT of 2024'] },
    '00081190': { vr: 'UR', Value: [`${running.root}/studies/1.2`] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Roe^Jane' }] },
    '00100020': { vr: 'LO', Value: ['P1'] },
    '0020000D': { vr: 'UI', Value: ['1.2'] },
    '00201206': { vr: 'IS', Value: [2] },
    '00201208': { vr: 'IS', Value: [2] },
  });
});

test.each([
  ['', ['1.1', '1.2', '1.3']],
  ['PatientName=*roe*', ['1.1', '1.2']],
  ['00100020=P1&StudyDate=20240101-', ['1.2']],
  ['PatientID=P1&PatientName=Doe*', []],
  ['ModalitiesInStudy=SR', ['1.2']],
  ['ModalitiesInStudy=SR,CT', ['1.1', '1.2', '1.3']],
  ['StudyInstanceUID=1.1,1.3', ['1.1', '1.3']],
  ['StudyInstanceUID=1.1%5C1.2', ['1.1', '1.2']],
  ['StudyDescription=*2023', ['1.1']],
  ['SeriesDescription=samepoint', ['1.2']],
  ['RequestAttributesSequence.RequestedProcedureID=RP7', ['1.2']],
  ['00400275.00401001=other', []],
  // Absent from every data set: the universal keys match all the same.
  ['AccessionNumber=', ['1.1', '1.2', '1.3']],
  ['AccessionNumber=*', ['1.1', '1.2', '1.3']],
  ['AccessionNumber=A1', []],
  ['StudyDate=', ['1.1', '1.2', '1.3']],
  ['NoSuchKeyword=x', ['1.1', '1.2', '1.3']],
  ['constructor=x&__proto__=y', ['1.1', '1.2', '1.3']],
  ['limit=1&offset=1', ['1.2']],
  ['offset=5', []],
])('/studies?%s', async (search, expected) => {
  expect(uids(await query(`/studies?${search}`), STUDY)).toEqual(expected);
});

test('series of a study, of all studies, with the count that a viewer shows', async () => {
  const [series] = await query('/studies/1.1/series');
  expect(series).toMatchObject({
    '00080060': { vr: 'CS', Value: ['CT'] },
    '0020000D': { vr: 'UI', Value: ['1.1'] },
    '0020000E': { vr: 'UI', Value: ['1.1.1'] },
    '00201209': { vr: 'IS', Value: [3] },
    '00081190': { vr: 'UR', Value: [`${running.root}/studies/1.1/series/1.1.1`] },
  });
  expect(uids(await query('/studies/1.2/series?Modality=SR'), '0020000E')).toEqual(['1.2.2']);
  expect(uids(await query('/studies/1.2/series?SeriesInstanceUID=1.2.1'), '0020000E')).toEqual(['1.2.1']);
  expect(await query('/series?PatientID=P1')).toHaveLength(3);
  expect(await query('/studies/9.9/series')).toEqual([]);
});

test('instances at each place, and included fields', async () => {
  expect(uids(await query('/studies/1.1/series/1.1.1/instances?limit=2&offset=1'), '00080018')).toEqual([
    '1.1.1.2',
    '1.1.1.3',
  ]);
  expect(
    uids(await query('/studies/1.2/instances?SOPClassUID=1.2.840.10008.5.1.4.1.1.88.22'), '00080018'),
  ).toEqual(['1.2.2.1']);
  expect(await query('/instances')).toHaveLength(6);
  const [one] = await query('/studies/1.1/series/1.1.1/instances?InstanceNumber=2');
  expect(one).toMatchObject({
    '00080016': { Value: ['1.2.840.10008.5.1.4.1.1.2'] },
    '00080018': { Value: ['1.1.1.2'] },
    '00083002': { Value: ['1.2.840.10008.1.2.1'] },
    '00200013': { Value: [2] },
  });
  const [all] = await query('/studies/1.2/series/1.2.2/instances?includefield=all');
  expect(all?.['0008103E']?.Value).toEqual(['Samepoint']);
});

test.each(['limit=x', 'limit=-1', 'offset=1.5', 'limit=1&limit=2'])(
  '%s is refused and named',
  async (search) => {
    const response = await fetch(`${running.root}/studies?${search}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'archive/invalid-query' } });
  },
);
