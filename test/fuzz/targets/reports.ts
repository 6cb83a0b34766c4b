/** Structured reports, segmentations, structure sets, and what a server answers to storing a report. */
import { buildReport, buildTimePointReport, readReport } from '../../../server/src/report/index.ts';
import { imagePlaneOrReason, placeFinding } from '../../../server/src/findings/index.ts';
import { readFindings } from '../../../server/src/findings/readFindings.ts';
import {
  group,
  measured,
  rejectionOf,
  reportOf,
  scoord,
  scoord3d,
  sliceMetadata,
} from '../../../server/src/findings/testing/documents.ts';
import { LONG, ohif, tracked } from '../../../server/src/findings/testing/placed.ts';
import { segmentationOf, structureSetOf } from '../../../server/src/findings/testing/regions.ts';
import { CARRIED_OVER, placeAt } from '../../../server/src/report/timePoint/testing/lesions.ts';
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

const timePoint = buildTimePointReport({
  observations: [
    {
      ...{ trackingUid: '2.25.7', label: 'a', role: 'target', status: 'present', carriedOver: CARRIED_OVER },
      place: placeAt(110, 50, 3),
      longAxis: {
        mm: 9,
        ends: [
          [100, 50],
          [118, 50],
        ],
      },
    },
    { trackingUid: '2.25.8', label: 'b', role: 'new', status: 'not-covered' },
  ],
  timePoint: { name: '2026-03-02', type: 'nadir' },
  assessment: { sumMm: 9, response: 'PR' },
  image: sliceMetadata(3),
  softwareVersion: '1',
  now: new Date(0),
}).part10;

const documents = [
  report,
  timePoint,
  reportOf([
    group([...ohif('Bidirectional'), measured(LONG, 10, 'mm', [scoord('POLYLINE', [1, 2, 3, 4])])]),
    group([
      ...tracked('Lesion'),
      scoord('CIRCLE', [9, 9, 12, 9]),
      scoord('ELLIPSE', [1, 1, 3, 1, 2, 0, 2, 2]),
    ]),
    group([scoord3d('POLYGON', [0, 0, 5, 10, 0, 5, 10, 10, 5, 0, 0, 5])]),
  ]),
  segmentationOf(
    [{ label: 'Node', trackingUid: '2.25.42' }],
    [
      { segment: 1, z: 30, pixels: [[2, 3]] },
      { segment: 1, z: 32, pixels: [[2, 3]] },
    ],
  ),
  structureSetOf([
    { name: 'GTV', contours: [{ type: 'CLOSED_PLANAR', points: [0, 0, 5, 9, 0, 5, 9, 9, 5] }] },
  ]),
  rejectionOf(['1.2.3']),
];

/** What is read of a document of a study, and where its findings are put. */
export const findings: Target = {
  name: 'findings',
  weight: 4,
  make: (random) => mutateDicom(random.pick(documents), random),
  run(input) {
    const read = readFindings(input);
    if (!read.ok) return;
    for (const finding of read.document.findings)
      placeFinding(finding, ({ frameNumber }) => imagePlaneOrReason(sliceMetadata(3), frameNumber));
  },
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
