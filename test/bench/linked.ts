/**
 * A program: linked scrolling and the live cursor in stock OHIF, on the phantom, whose true map is known, and with SAMEPOINT_DATA on a real
 * CT and its follow-up of the accuracy protocol. Prints level and cursor error, speed and the requests while moving; writes
 * test/results/linked.json.
 *
 *   node linked.ts [--only phantom | --only real]
 * @module
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { readVolume } from '../../server/src/volume/index.ts';
import { DeepBody } from '../accuracy/points.ts';
import { startBrowser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import { isInside } from '../support/followUp.ts';
import { answerFields, hasFields, trueMapOfDemo } from '../support/linkedFields.ts';
import { LinkedPage } from '../support/linkedPage.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { realSeriesFolder, ROOT } from '../support/paths.ts';
import { storeRealPair } from '../support/realPair.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import { ViewerPage } from '../support/viewerPage.ts';
import type { Lps } from '../support/api.ts';
import { cursorErrors, cursorSpeed, levelErrors, spreadOf, stepSpeed, timed } from './linkedPane.ts';
import type { LinkedPair, Spread, TruePoint } from './linkedPane.ts';

interface Row {
  readonly data: string;
  /** False where the server has no fields yet, and the true map is used. */
  readonly isComputed: boolean;
  /** From switching the link on until the panes are linked: the field, and the analysis of the series before it. */
  readonly linkedAfterS: number;
  readonly levelErrorMm: Spread;
  /** Of the slice that lies nearest to the true level: the smallest error that a link can have. */
  readonly nearestSliceMm: Spread;
  readonly cursorErrorMm: Spread;
  /** Points at which no ring was drawn. */
  readonly cursorMissing: number;
  readonly stepsPerSecond: number;
  /** From the new image of one pane until the other is sent to its slice. */
  readonly stepLatencyMs: Spread;
  readonly cursorUpdatesPerSecond: number;
  readonly requestsWhileMoving: number;
  /** Processes that wanted a processor, mean of the minute before the end: what the speeds were measured beside. */
  readonly load: number;
}

const RESULTS = join(ROOT, 'test/results/linked.json');
const VIEWER = '3.13.2';
const REAL = 'cmbcrc';
const CASE = 'easy';
/** Points and levels that are measured. */
const POINTS = 24;
const SEED = 1;
/** Of the phantom: the middle of a slice, and the length over which the levels lie, whole slices apart, mm. */
const FIRST_LEVEL_MM = -528.75;
const LEVELS_MM = 240;
/** Share of the length of the scan, in its middle, in which the levels lie. */
const LEVELS = 0.6;
/** A point is this far inside the field of view, mm. */
const VIEW_MM = 25;
const LINK_TIMEOUT_MS = 900_000;

interface Opened {
  readonly server: string;
  readonly studies: readonly [string, string];
  readonly pair: LinkedPair;
  readonly field?: Uint8Array;
}

async function measure(data: string, { server, studies, pair, field }: Opened): Promise<Row> {
  const browser = await startBrowser();
  try {
    const { page } = await browser.newPage();
    const isComputed = await hasFields(server);
    if (!isComputed && field !== undefined) await answerFields(page, field);
    const panes = { page, viewer: new ViewerPage(page, server), linked: new LinkedPage(page) };
    await panes.viewer.open(studies, { compare: true });
    await panes.linked.moveTo(pair.current, [0.5, 0.5]);
    const linkedAfterS = await timed(async () => {
      await page.keyboard.press('t');
      await panes.linked.overlay(/^Linked ±/u, LINK_TIMEOUT_MS);
    });
    const requests = panes.linked.requests();
    await panes.linked.scroll(pair.current, 1);
    const levels = await levelErrors(panes, pair);
    const steps = await stepSpeed(page, pair);
    await page.keyboard.press('p');
    const { errors, missing } = await cursorErrors(panes, pair);
    const cursorUpdatesPerSecond = await cursorSpeed(page, pair);
    return {
      data,
      isComputed,
      linkedAfterS,
      levelErrorMm: spreadOf(levels.shownMm),
      nearestSliceMm: spreadOf(levels.nearestMm),
      cursorErrorMm: spreadOf(errors),
      cursorMissing: missing,
      stepsPerSecond: steps.perSecond,
      stepLatencyMs: steps.latencyMs,
      cursorUpdatesPerSecond,
      requestsWhileMoving: requests().length,
      load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
    };
  } finally {
    await browser.close();
  }
}

async function measurePhantom(): Promise<Row> {
  const demo = await startDemo('linked-bench');
  try {
    const map = trueMapOfDemo();
    const [current, prior] = demo.truth.studies;
    if (current === undefined || prior === undefined) throw new Error('the demo has no two studies');
    const truth = (lps: Lps): TruePoint => ({ lps, prior: map.toPrior(lps) });
    const [centre] = demo.truth.lesions;
    const z = centre?.currentLps[2] ?? 0;
    const levels = Array.from({ length: POINTS }, (_, k) =>
      truth([2, -168, FIRST_LEVEL_MM + (LEVELS_MM * k) / POINTS]),
    );
    const points = demo.truth.lesions
      .flatMap(({ currentLps: [x, y, at] }) => [
        truth([x, y, at]),
        truth([2, -168, at]),
        truth([x / 2, -168, z]),
      ])
      .slice(0, POINTS);
    return await measure('phantom, 2.5 and 3 mm slices', {
      server: demo.url,
      studies: [current.studyInstanceUid, prior.studyInstanceUid],
      pair: { current: current.seriesInstanceUid, prior: prior.seriesInstanceUid, levels, points },
      field: map.field,
    });
  } finally {
    await demo.stop();
  }
}

async function* filesOf(folder: string): AsyncGenerator<Uint8Array> {
  for (const file of (await readdir(folder)).sort()) yield await readFile(join(folder, file));
}

/** Levels in the middle of slices, and points in the body, LPS mm. */
async function placesOf(
  folder: string,
): Promise<{ readonly levels: readonly Lps[]; readonly points: readonly Lps[] }> {
  const volume = await readVolume(filesOf(folder));
  const [nx, ny, nz] = volume.dims;
  const levels = Array.from({ length: POINTS }, (_, k) => {
    const slice = Math.round(nz * ((1 - LEVELS) / 2 + (LEVELS * k) / POINTS));
    return toLps(volume.voxelToLps, voxelIndex((nx - 1) / 2, (ny - 1) / 2, slice));
  });
  const isMiddle = (point: LpsPoint): boolean => isInside(volume, point, VIEW_MM);
  return { levels, points: new DeepBody(volume).draw(POINTS, SEED, isMiddle) };
}

async function measureReal(folder: string): Promise<Row> {
  const orthanc = await startOrthanc();
  try {
    const { levels, points } = await placesOf(folder);
    const stored = await storeRealPair(orthanc.dicomweb, REAL, CASE, [...levels, ...points]);
    const server = await startSamepoint({
      dicomweb: { root: orthanc.dicomweb.root },
      ...withViewer(VIEWER),
    });
    try {
      const { current, prior } = stored;
      return await measure(`${REAL} and its follow-up "${CASE}"`, {
        server: server.url,
        studies: [current.studyInstanceUid, prior.studyInstanceUid],
        pair: {
          current: current.seriesInstanceUid,
          prior: prior.seriesInstanceUid,
          levels: stored.points.slice(0, levels.length),
          points: stored.points.slice(levels.length),
        },
      });
    } finally {
      await server.stop();
    }
  } finally {
    await orthanc.stop();
  }
}

function print(row: Row): void {
  const spread = ({ median, p95, max, count }: Spread): string =>
    `median ${median}, p95 ${p95}, largest ${max} (${count})`;
  process.stdout.write(
    [
      `${row.data}${row.isComputed ? '' : ' (true map)'}`,
      `  linked after            ${row.linkedAfterS} s`,
      `  level error             ${spread(row.levelErrorMm)} mm`,
      `  of the nearest slice    ${spread(row.nearestSliceMm)} mm`,
      `  cursor error            ${spread(row.cursorErrorMm)} mm, none at ${row.cursorMissing}`,
      `  steps                   ${row.stepsPerSecond} per second, ${spread(row.stepLatencyMs)} ms each`,
      `  cursor updates          ${row.cursorUpdatesPerSecond} per second`,
      `  requests while moving   ${row.requestsWhileMoving}`,
      `  load of the machine     ${row.load}`,
      '',
    ].join('\n'),
  );
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const rows: Row[] = [];
if (values.only !== 'real') rows.push(await measurePhantom());
const folder = realSeriesFolder(REAL);
if (values.only !== 'phantom' && folder !== undefined) rows.push(await measureReal(folder));
for (const row of rows) print(row);
/** Rows of other data stay as they were measured. */
const kept = (JSON.parse(await readFile(RESULTS, 'utf8')) as { readonly rows: readonly Row[] }).rows.filter(
  ({ data }) => !rows.some((row) => row.data === data),
);
await mkdir(dirname(RESULTS), { recursive: true });
await writeFile(RESULTS, `${JSON.stringify({ viewer: VIEWER, rows: [...kept, ...rows] }, null, 2)}\n`);
