import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { toLps, voxelIndex } from '../geometry/index.ts';
import { createPhantom } from './phantom.ts';
import { writeSeries } from './series.ts';

const phantom = createPhantom({ seed: 2, coarseness: 8 });
const [{ volume, ...study }] = phantom.timePoints;
const tags = { patientId: phantom.patientId, patientName: phantom.patientName, ...study };
const files = [...writeSeries(volume, tags)];

test('one Part 10 file per slice', () => {
  expect(files).toHaveLength(volume.dims[2]);
  for (const file of files) expect(Buffer.from(file.subarray(128, 132)).toString()).toBe('DICM');
});

test('another parser reads back geometry, identity and every pixel', () => {
  files.forEach((file, k) => {
    const dataSet = dicomParser.parseDicom(file);
    expect(dataSet.string('x00080018')).toBe(volume.slices[k]!.sopInstanceUid);
    expect(dataSet.string('x00020010')).toBe('1.2.840.10008.1.2.1');
    const position = [0, 1, 2].map((axis) => dataSet.floatString('x00200032', axis));
    toLps(volume.voxelToLps, voxelIndex(0, 0, k)).forEach((mm, axis) => {
      expect(position[axis]).toBeCloseTo(mm, 5);
    });
    const pixels = dataSet.elements['x7fe00010']!;
    const stored = new Int16Array(file.slice(pixels.dataOffset, pixels.dataOffset + pixels.length).buffer);
    const plane = volume.dims[0] * volume.dims[1];
    expect(
      Buffer.compare(
        Buffer.from(stored.buffer),
        Buffer.from(volume.data.slice(k * plane, (k + 1) * plane).buffer),
      ),
    ).toBe(0);
  });
});

test('decimal strings keep to 16 characters', () => {
  const text = Buffer.from(files[1]!).toString('latin1');
  expect(text).toContain('ISO_IR 192');
  const dataSet = dicomParser.parseDicom(files[1]!);
  for (const tag of ['x00200032', 'x00200037', 'x00280030']) {
    for (const value of dataSet.string(tag)!.split('\\')) expect(value.length).toBeLessThanOrEqual(16);
  }
});

const dciodvfy = spawnSync('dciodvfy', ['/dev/null']).error === undefined;
// A validator that is not installed cannot judge; npm test installs it and CI refuses to run without it.
const testWithDciodvfy = dciodvfy ? test : test.skip;

testWithDciodvfy('dciodvfy finds neither error nor warning (skipped: package dicom3tools is missing)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'samepoint-series-'));
  try {
    const path = join(folder, 'slice.dcm');
    writeFileSync(path, files[3]!);
    const { stderr } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
    expect(stderr.trim()).toBe('CTImage');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
