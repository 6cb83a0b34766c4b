/**
 * A program: reads a real CT from a folder, makes its follow-up with a known deformation (accuracy protocol) and writes
 * it as DICOM files, with the true places of chosen points. Runs in a process of its own: it needs gigabytes for seconds.
 *
 *   node makeFollowUp.ts <folder of the CT> <case> <seed> <output folder> <points as JSON>
 * @module
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import { writeSeries } from '../../server/src/phantom/index.ts';
import { isInside, makeFollowUp } from './followUp.ts';
import type { FollowUpCase } from './followUp.ts';
import { readVolume } from '../../server/src/volumeAssembly/index.ts';
import type { Lps } from './api.ts';

const [input = '', name = '', seed = '', output = '', points = '[]'] = process.argv.slice(2);

async function* filesOf(folder: string): AsyncGenerator<Uint8Array> {
  for (const file of (await readdir(folder)).sort()) yield await readFile(join(folder, file));
}

const volume = await readVolume(filesOf(input));
const made = makeFollowUp(volume, name as FollowUpCase, Number(seed));
const { followUp } = made;
await mkdir(output, { recursive: true });
const tags = {
  // Overwritten by the caller's patient: a follow-up is of the same one.
  patientId: process.env['FOLLOW_UP_PATIENT_ID'] ?? '',
  patientName: process.env['FOLLOW_UP_PATIENT_NAME'] ?? '',
  studyDate: '19590601',
  studyTime: '101500',
  studyDescription: `Known deformation: ${name}`,
  seriesDescription: `Known deformation: ${name}`,
};
let number = 0;
for (const file of writeSeries(followUp, tags)) {
  await writeFile(join(output, `${String(number++).padStart(4, '0')}.dcm`), file);
}
const truth = (JSON.parse(points) as Lps[]).map(([x, y, z]) => {
  const place = made.toFollowUp(lpsPoint(x, y, z));
  return { lps: [x, y, z], followUp: [...place], inside: isInside(followUp, place, 6) };
});
await writeFile(
  join(output, 'truth.json'),
  JSON.stringify({
    studyInstanceUid: followUp.studyInstanceUid,
    seriesInstanceUid: followUp.seriesInstanceUid,
    spacingMm: followUp.voxelToLps[10],
    points: truth,
  }),
);
