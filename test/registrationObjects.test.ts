/** Registration objects as other implementations of the standard read them: dicom3tools, pydicom, plastimatch. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerJson, itemsOf, stringOf } from '../server/src/dicom/index.ts';
import { buildRegistration, describeRegistration } from '../server/src/registrationObject/index.ts';
import {
  distanceMm,
  invert,
  lpsPoint,
  perAxis,
  seededNumbers,
  toLps,
  voxelIndex,
} from '../server/src/geometry/index.ts';
import type { Affine, LpsPoint } from '../server/src/geometry/index.ts';
import { mappedBy } from '../server/src/deformation/index.ts';
import { encodeField } from '../server/src/fieldFormat/index.ts';
import type { DeformationField, FieldLattice } from '../server/src/deformation/index.ts';
import { instanceOf } from '../server/src/report/testing/fixtures.ts';
import { temporaryFolder } from './support/paths.ts';
import { validationErrors } from './support/dicomTools.ts';
import { describeWith, PYDICOM } from './support/requirements.ts';

const AFFINE: Affine = [1.02, 0.05, 0.01, 12.5, -0.04, 0.98, 0.02, -431.25, 0.01, -0.02, 1.05, 1730.0625];
const DIMS = [14, 11, 17] as const;
const [ORIGIN, SPACING] = [[-60, -50, 100] as const, [9, 9, 9] as const];

function applied(map: Affine, [x, y, z]: LpsPoint): LpsPoint {
  return toLps(map, voxelIndex(x, y, z));
}

/** The affine part, and waves of 5 mm on it. */
function latticeOf(): FieldLattice {
  const nodes = DIMS[0] * DIMS[1] * DIMS[2];
  const displacements = new Float32Array(3 * nodes);
  for (let node = 0; node < nodes; node++) {
    const index = [
      node % DIMS[0],
      Math.floor(node / DIMS[0]) % DIMS[1],
      Math.floor(node / DIMS[0] / DIMS[1]),
    ];
    const from = lpsPoint(...perAxis((axis) => ORIGIN[axis] + index[axis]! * SPACING[axis]));
    const to = applied(AFFINE, from);
    const wave = (at: number): number => 5 * Math.sin(at / 20);
    const waves = [wave(from[2]), wave(from[0]), wave(from[1])];
    displacements.set(
      perAxis((axis) => to[axis] + waves[axis]! - from[axis]),
      3 * node,
    );
  }
  const [determinants, errorRadii] = [new Float32Array(nodes).fill(1), new Float32Array(nodes).fill(2)];
  return { dims: DIMS, origin: ORIGIN, spacing: SPACING, displacements, determinants, errorRadii };
}

const FIELD: DeformationField = {
  query: { studyInstanceUid: '1.2.20', seriesInstanceUid: '1.2.20.1', frameOfReferenceUid: '1.2.20.9' },
  target: { studyInstanceUid: '1.2.10', seriesInstanceUid: '1.2.10.1', frameOfReferenceUid: '1.2.10.9' },
  model: { id: 'samepoint-ct', version: '1.0.0' },
  verdict: 'usable',
  affine: AFFINE,
  forward: latticeOf(),
  inverse: latticeOf(),
  quality: { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 1 },
};

function objectOf(kind: 'affine' | 'field', field = FIELD): Uint8Array {
  const images = (study: number): { sopClassUid: string; sopInstanceUids: readonly string[] } => ({
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    sopInstanceUids: [1, 2, 3].map((n) => `1.2.${study}.1.${n}`),
  });
  return buildRegistration({
    kind,
    field,
    bytes: encodeField(field),
    query: images(20),
    target: images(10),
    current: instanceOf(20),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15.250Z'),
    uids: { seriesInstanceUid: '2.25.100', sopInstanceUid: '2.25.101' },
  }).part10;
}

/** Places within the grid, LPS mm. */
function places(count: number): readonly LpsPoint[] {
  const random = seededNumbers(5);
  return Array.from({ length: count }, () =>
    lpsPoint(...perAxis((axis) => ORIGIN[axis] + random() * (DIMS[axis] - 1) * SPACING[axis])),
  );
}

/** Where pydicom, with the equations of the standard, puts points. */
function byPydicom(part10: Uint8Array, points: readonly LpsPoint[]): readonly LpsPoint[] {
  const folder = temporaryFolder('registration');
  try {
    const [object, list] = [join(folder, 'object.dcm'), join(folder, 'points.json')];
    writeFileSync(object, part10);
    writeFileSync(list, JSON.stringify(points));
    const program = join(import.meta.dirname, 'support/applyRegistration.py');
    const { stdout, stderr, status } = spawnSync(PYDICOM, [program, object, list], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as [number, number, number][]).map((point) => lpsPoint(...point));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeWith(['dicom3tools'], 'registration objects for dciodvfy', () => {
  it.each(['affine', 'field'] as const)('%s has no error', (kind) => {
    expect(validationErrors(objectOf(kind))).toEqual([]);
  });

  it('has none where both series are of one study', () => {
    const { studyInstanceUid } = FIELD.query;
    const field = { ...FIELD, target: { ...FIELD.target, studyInstanceUid } };
    expect(validationErrors(objectOf('affine', field))).toEqual([]);
  });
});

describeWith(['pydicom'], 'registration objects for pydicom', () => {
  it('the matrix leads from the target to the query as the affine part of our map back', () => {
    const points = places(40).map((point) => applied(AFFINE, point));
    const distances = byPydicom(objectOf('affine'), points).map((point, n) =>
      distanceMm(point, applied(invert(AFFINE), points[n]!)),
    );
    expect(Math.max(...distances)).toBeLessThan(0.1);
  });

  it('grid and matrices lead from the query to the target as our map', () => {
    const points = places(200);
    const distances = byPydicom(objectOf('field'), points).map((point, n) =>
      distanceMm(point, mappedBy(FIELD.forward, points[n]!)),
    );
    expect(Math.max(...distances)).toBeLessThan(0.3);
  });

  it('beyond the grid the affine part holds', () => {
    const far = [lpsPoint(-200, 0, 500), lpsPoint(300, 200, -40)];
    const distances = byPydicom(objectOf('field'), far).map((point, n) =>
      distanceMm(point, applied(AFFINE, far[n]!)),
    );
    expect(Math.max(...distances)).toBeLessThan(0.1);
  });
});

/** What plastimatch writes as a Spatial Registration for an affine map from a fixed to a moving image of its own. */
function byPlastimatch(map: Affine): Uint8Array {
  const folder = temporaryFolder('plastimatch');
  const plastimatch = (...parameters: readonly string[]): void => {
    const { stdout, status } = spawnSync('plastimatch', parameters, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stdout);
  };
  try {
    const [a, b, c, x, d, e, f, y, g, h, i, z] = map;
    const lines = [
      '#Insight Transform File V1.0',
      '#Transform 0',
      'Transform: AffineTransform_double_3_3',
      `Parameters: ${[a, b, c, d, e, f, g, h, i, x, y, z].join(' ')}`,
      'FixedParameters: 0 0 0',
    ];
    writeFileSync(join(folder, 'map.tfm'), `${lines.join('\n')}\n`);
    for (const image of ['fixed', 'moving'])
      plastimatch('synth', '--output-dicom', image, '--pattern', 'gauss', '--dim', '8', '--spacing', '5');
    const series = ['--fixed-rcs', 'fixed', '--moving-rcs', 'moving'];
    plastimatch('xf-convert', '--input', 'map.tfm', ...series, '--output-dicom', 'out');
    const [object] = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('sro'));
    return readFileSync(join(folder, 'out', object!));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// Plastimatch 1.9.4 writes Spatial Registrations and reads none.
describeWith(['plastimatch', 'pydicom'], 'registration objects beside those of plastimatch', () => {
  it('say the same of the same map, the query as its fixed image', () => {
    const points = places(20).map((point) => applied(AFFINE, point));
    const theirs = byPydicom(byPlastimatch(AFFINE), points);
    const distances = byPydicom(objectOf('affine'), points).map((point, n) => distanceMm(point, theirs[n]!));
    expect(Math.max(...distances)).toBeLessThan(0.1);
  });

  it('are read alike', () => {
    const json = headerJson(byPlastimatch(AFFINE));
    const frames = itemsOf(json, 'RegistrationSequence').map((item) =>
      stringOf(item, 'FrameOfReferenceUID')!,
    );
    const [query, target] = frames.map((frameOfReferenceUid) => ({
      seriesInstanceUid: '',
      frameOfReferenceUid,
      sopInstanceUids: [],
    }));
    const found = describeRegistration(json, query!, target!)!;
    expect(found).toMatchObject({ isOwn: false, manufacturer: 'Plastimatch', kind: 'affine' });
    const distances = places(20).map((point) =>
      distanceMm(applied(found.affine, point), applied(AFFINE, point)),
    );
    expect(Math.max(...distances)).toBeLessThan(0.1);
  });
});
