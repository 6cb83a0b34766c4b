/** Landmarks as Spatial Fiducials, as other implementations of the standard read them; and the template that is shipped. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lpsPoint } from '../server/src/geometry/index.ts';
import { decodeTemplate } from '../server/src/landmarks/index.ts';
import { loadModels } from '../server/src/model/index.ts';
import { createPhantom } from '../server/src/phantom/index.ts';
import { buildFiducials } from '../server/src/fiducials/index.ts';
import { instanceOf } from '../server/src/report/testing/fixtures.ts';
import { validationErrors } from './support/dicomTools.ts';
import { ROOT, temporaryFolder } from './support/paths.ts';
import { HIGHDICOM_PYTHON } from './support/python.ts';
import { describeWith } from './support/requirements.ts';

const FIDUCIALS = [
  { name: 'Carina', lps: lpsPoint(-1.25, 20.5, 310.0625), description: 'within 23.5 mm' },
  { name: 'the lowest point of the sternum, über', lps: lpsPoint(0, -90.1, 250) },
];
const { part10 } = buildFiducials({
  fiducials: FIDUCIALS,
  frameOfReferenceUid: '1.2.826.10.2',
  image: instanceOf(10),
  softwareVersion: '1.2.3',
  now: new Date('2026-11-23T09:30:15Z'),
});

describeWith(['highdicom'], 'pydicom reads spatial fiducials', () => {
  test('with names, places and the frame of reference', () => {
    const folder = temporaryFolder('fiducials');
    try {
      const path = join(folder, 'fiducials.dcm');
      writeFileSync(path, part10);
      const script = join(ROOT, 'test/support/readFiducials.py');
      const { stdout, stderr, status } = spawnSync(HIGHDICOM_PYTHON, [script, path], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const [first, second] = FIDUCIALS;
      expect(JSON.parse(stdout)).toEqual({
        sopClass: 'Spatial Fiducials Storage',
        patientId: 'P-1',
        sets: [
          {
            frameOfReferenceUid: '1.2.826.10.2',
            points: [
              {
                identifier: 'Carina',
                description: 'Carina\r\nwithin 23.5 mm',
                shape: 'POINT',
                place: first!.lps,
              },
              { identifier: 'L2', description: second!.name, shape: 'POINT', place: second!.lps },
            ],
          },
        ],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describeWith(['dicom3tools'], 'dciodvfy', () => {
  test('finds no error in spatial fiducials', () => {
    expect(validationErrors(part10)).toEqual([]);
  });
});

describe('the template of the phantom', () => {
  test('is of the model that is shipped; otherwise make it again as docs/applications.md says', async () => {
    const json: unknown = JSON.parse(readFileSync(join(ROOT, 'config/landmarks/phantom-trunk.json'), 'utf8'));
    const models = await loadModels(join(ROOT, 'models'));
    const { id, manifest } = models.get('samepoint-ct');
    const template = decodeTemplate(json, manifest.matching.weights);
    expect(template.model).toEqual({ id, version: manifest.version });
    const { landmarks } = createPhantom({ seed: 1, coarseness: 24 });
    expect(template.landmarks.map(({ name }) => name)).toEqual(landmarks.map(({ name }) => name));
  });
});
