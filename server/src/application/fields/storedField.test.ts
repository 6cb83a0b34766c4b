import { headerJson } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { encodeField } from '../../fieldFormat/index.ts';
import type { DeformationField } from '../../deformation/index.ts';
import { buildRegistration } from '../../registrationObject/index.ts';
import { readRegistration } from '../../registrationObject/readRegistration.ts';
import { createAccess } from '../../access/access.ts';
import { CURRENT, fakePorts, PRIOR, refOf } from '../../ports/testing/index.ts';
import type { FakePorts, FakeSeries } from '../../ports/testing/index.ts';
import { storedMaps } from './storedField.ts';
import type { StoredFieldParts } from './storedField.ts';

const REG = '1.2.3.4.1.99';

function metadataOf({ patientId, ...series }: FakeSeries): DicomJson {
  const element = (vr: string, value: string): DicomJson[string] => ({ vr, Value: [value] });
  return {
    '0020000D': element('UI', series.studyInstanceUid),
    '0020000E': element('UI', series.seriesInstanceUid),
    '00100020': element('LO', patientId ?? ''),
    '00200052': element('UI', `${series.seriesInstanceUid}.9`),
  };
}

const lattice: DeformationField['forward'] = {
  ...{ dims: [2, 2, 2], origin: [0, 0, 0], spacing: [50, 50, 50] },
  displacements: new Float32Array(24).fill(4),
  determinants: new Float32Array(8).fill(1),
  errorRadii: new Float32Array(8).fill(2),
};

/** What is different of the object in the PACS. */
interface Change {
  readonly version?: string;
  readonly kind?: 'affine' | 'field';
  readonly images?: readonly string[];
  readonly patientId?: string;
  readonly bytes?: Uint8Array;
}

function objectOf({
  version = '1.0.0',
  kind = 'field',
  images,
  patientId = 'P1',
  bytes,
}: Change): Uint8Array {
  const seriesOf = (series: FakeSeries): DeformationField['query'] => ({
    ...refOf(series),
    frameOfReferenceUid: `${series.seriesInstanceUid}.9`,
  });
  const field: DeformationField = {
    ...{ query: seriesOf(CURRENT), target: seriesOf(PRIOR), model: { id: 'm1', version }, verdict: 'usable' },
    ...{ affine: [1, 0, 0, 4, 0, 1, 0, 4, 0, 0, 1, 4], forward: lattice, inverse: lattice },
    quality: { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 1 },
  };
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.2';
  return buildRegistration({
    kind,
    field,
    bytes: bytes ?? encodeField(field),
    query: { sopClassUid, sopInstanceUids: CURRENT.sopInstanceUids },
    target: { sopClassUid, sopInstanceUids: images ?? PRIOR.sopInstanceUids },
    current: metadataOf({ ...CURRENT, patientId }),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15.250Z'),
    uids: { seriesInstanceUid: REG, sopInstanceUid: `${REG}.1` },
  }).part10;
}

/** The fake PACS with one registration object beside its images. */
function withObject(change: Change = {}): { readonly ports: FakePorts; readonly parts: StoredFieldParts } {
  const ports = fakePorts([CURRENT, PRIOR]);
  const part10 = objectOf(change);
  const { source } = ports;
  const inner = {
    searchSeries: source.searchSeries.bind(source),
    retrieveInstance: source.retrieveInstance.bind(source),
  };
  Object.assign(source, {
    searchSeries: async (...args: Parameters<DicomwebSource['searchSeries']>) =>
      args[0] === CURRENT.studyInstanceUid && args[1]['Modality'] === 'REG'
        ? [{ '0020000E': { vr: 'UI', Value: [REG] }, '00080060': { vr: 'CS', Value: ['REG'] } }]
        : await inner.searchSeries(...args),
    retrieveInstanceMetadata: ({ seriesInstanceUid }: FakeSeries) =>
      Promise.resolve(
        metadataOf([CURRENT, PRIOR].find((one) => one.seriesInstanceUid === seriesInstanceUid)!),
      ),
    retrieveSeriesMetadata: () => Promise.resolve([headerJson(part10)]),
    retrieveInstance: async (...args: Parameters<typeof source.retrieveInstance>) =>
      args[0].seriesInstanceUid === REG ? part10 : await inner.retrieveInstance(...args),
  });
  const { logger, monotonic } = ports;
  const access = createAccess(source, { memoMs: 0, clock: monotonic });
  const modules = { readRegistration: (bytes: Uint8Array) => Promise.resolve(readRegistration(bytes)) };
  return { ports, parts: { access, source, modules, logger } };
}

async function read({ ports, parts }: ReturnType<typeof withObject>): Promise<Uint8Array | undefined> {
  const pair = { query: refOf(CURRENT), target: refOf(PRIOR) };
  return (await storedMaps(pair, ports.models.get('m1'), {}, parts, undefined)).bytes;
}

describe('the field that the PACS holds', () => {
  it('is read where it is of the same images and model', async () => {
    expect(Buffer.from((await read(withObject()))!).toString('latin1', 0, 4)).toBe('SPFD');
  });

  it.each([
    ['another version of the model', { version: '0.9.0' }],
    ['only the affine part', { kind: 'affine' }],
    ['fewer images than the series has now', { images: PRIOR.sopInstanceUids.slice(1) }],
    ['another patient', { patientId: 'P2' }],
    ['bytes that are no field', { bytes: Uint8Array.of(1, 2, 3, 4) }],
  ] as const)('is not used where it is of %s', async (_what, change) => {
    expect(await read(withObject(change))).toBeUndefined();
  });

  it('is not used by a request the other way round', async () => {
    const { ports, parts } = withObject();
    const pair = { query: refOf(PRIOR), target: refOf(CURRENT) };
    const { bytes, prior } = await storedMaps(pair, ports.models.get('m1'), {}, parts, undefined);
    expect([bytes, prior]).toEqual([undefined, undefined]);
  });

  it('does not matter where the PACS gives nothing out: the field is computed', async () => {
    const test = withObject();
    Object.assign(test.ports.source, {
      retrieveInstance: () => Promise.reject(new SamepointError('dicomweb/forbidden', { operation: 'x' })),
    });
    expect(await read(test)).toBeUndefined();
    expect(test.ports.logged.map(({ level }) => level)).toContain('warn');
  });

  it('of somebody else is no field, but places the pair where nothing else does', async () => {
    const test = withObject();
    const { source } = test.ports;
    const [own] = await source.retrieveSeriesMetadata({ ...refOf(CURRENT), seriesInstanceUid: REG });
    const others = { ...own, '00080070': { vr: 'LO', Value: ['Somebody'] } };
    Object.assign(source, { retrieveSeriesMetadata: () => Promise.resolve([others]) });
    const pair = { query: refOf(CURRENT), target: refOf(PRIOR) };
    const found = await storedMaps(pair, test.ports.models.get('m1'), {}, test.parts, undefined);
    expect(found.bytes).toBeUndefined();
    expect(found.prior).toMatchObject({ manufacturer: 'Somebody', sopInstanceUid: `${REG}.1` });
    expect(found.prior?.affine.slice(0, 4)).toEqual([1, 0, 0, 4]);
  });
});
