/** Structured reports, and what a server answers to storing one. */
import { buildReport, readReport } from '../../../server/src/report/index.ts';
import { pairOf, requestOf } from '../../../server/src/report/testing/fixtures.ts';
import { createInstanceReader } from '../../../server/src/archive/instanceReader.ts';
import type { ReadInstance } from '../../../server/src/archive/instanceReader.ts';
import { readFrames } from '../../../server/src/archive/pixels.ts';
import { parseStoreAnswer } from '../../../server/src/dicomweb/storeAnswer.ts';
import { ctSlice } from '../../../server/src/volume/testing/syntheticSeries.ts';
import { mutateBytes, mutateDicom } from '../mutate.ts';
import type { Target } from './target.ts';

const report = buildReport(requestOf({ pairs: [pairOf(), pairOf({ state: 'moved' })] })).part10;

export const sr: Target = {
  name: 'sr',
  weight: 4,
  make: (random) => mutateDicom(report, random),
  run: (input) => readReport(input),
};

const archived = [ctSlice(0), ctSlice(0, {}, { transferSyntaxUid: '1.2.840.10008.1.2' }), report];

/** dcmjs needs hours for some texts; the deadline of the archive's reader ends its thread, here after a shorter time. */
let impatient: ReadInstance | undefined;

/** What the demonstration's archive does with a file. */
export const archive: Target = {
  name: 'archive',
  weight: 0.5,
  make: (random) => mutateDicom(random.pick(archived), random),
  async run(input) {
    impatient ??= createInstanceReader({ timeoutMs: 500 });
    await impatient(input);
    const frames = readFrames(input);
    for (let index = 0; index < Math.min(frames.count, 3); index += 1) frames.frame(index);
  },
};

const ANSWERS = [
  '{"00081198":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]},"00081197":{"vr":"US","Value":[272]}}]}}',
  '[{"00081199":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]},"00081155":{"vr":"UI","Value":["1.3"]}}]}}]',
  '<?xml version="1.0"?><NativeDicomModel><DicomAttribute tag="00081199" vr="SQ" keyword="ReferencedSOPSequence"><Item number="1">' +
    '<DicomAttribute tag="00081155" vr="UI"><Value number="1">1.2.3</Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>',
];

export const storeAnswer: Target = {
  name: 'storeAnswer',
  weight: 0.5,
  make: (random) => mutateBytes(Buffer.from(random.pick(ANSWERS)), random),
  run: (input) => parseStoreAnswer(Buffer.from(input).toString('utf8'), 'STOW-RS'),
};
