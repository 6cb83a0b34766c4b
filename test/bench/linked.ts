/**
 * A program: linked scrolling, the live cursor and the subtraction of the prior in stock OHIF, on the phantom, whose true map is known, and
 * with SAMEPOINT_DATA on a real CT and each of its follow-ups of the accuracy protocol. Prints level and cursor error, speed and the
 * requests while moving; writes test/results/linked.json.
 *
 *   node linked.ts [--only phantom | --only real] [--case easy]
 * @module
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrowser } from '../support/browser.ts';
import type { DemoTruth } from '../support/demo.ts';
import type { FollowUpCase } from '../support/followUp.ts';
import { answerFields, hasFields } from '../support/linkedFields.ts';
import { LinkedPage } from '../support/linkedPage.ts';
import { realSeriesFolder, ROOT } from '../support/paths.ts';
import { ViewerPage } from '../support/viewerPage.ts';
import { CASES, placesOf, withFollowUp, withPhantom } from './linkedCases.ts';
import type { Opened } from './linkedCases.ts';
import { bringTo, cursorErrors, cursorSpeed, levelErrors, spreadOf, stepSpeed, timed } from './linkedPane.ts';
import type { Panes, Spread } from './linkedPane.ts';
import { subtractionTimes } from './linkedSubtraction.ts';
import type { SubtractionTimes } from './linkedSubtraction.ts';

/** What was measured of one pair, or of the pool of several. */
interface Accuracy {
  /** In stacks, which show whole slices only. */
  readonly levelErrorMm: Spread;
  /** Of the slice that lies nearest to the true level: the smallest error that a link of stacks can have. */
  readonly nearestSliceMm: Spread;
  /** In volume viewports (MPR), which show any plane. */
  readonly volumeLevelErrorMm: Spread;
  readonly cursorErrorMm: Spread;
  /** Points at which no ring was drawn. */
  readonly cursorMissing: number;
}

/** Errors of the single levels and points, mm. */
interface Errors {
  readonly levelMm: readonly number[];
  readonly nearestMm: readonly number[];
  readonly volumeMm: readonly number[];
  readonly cursorMm: readonly number[];
  readonly missing: number;
}

interface PairRow extends Accuracy {
  readonly data: string;
  /** False where the server has no fields yet, and the true map is used. */
  readonly isComputed: boolean;
  /** From switching the link on until the panes are linked: the field, and the analysis of the series before it. */
  readonly linkedAfterS: number;
  readonly stepsPerSecond: number;
  /** From the new image of one pane until the other is sent to its slice. */
  readonly stepLatencyMs: Spread;
  /** Null where the ring left the slice that is shown. */
  readonly cursorUpdatesPerSecond: number | null;
  readonly requestsWhileMoving: number;
  /** Of the single levels and points: for the pool, whose rows may be measured one by one. */
  readonly errors: Errors;
  /** Processes that wanted a processor, mean of the minute before the end: what the speeds were measured beside. */
  readonly load: number;
}

interface PoolRow extends Accuracy {
  readonly data: string;
  /** The rows that are pooled. */
  readonly of: readonly string[];
}

interface SubtractionRow extends SubtractionTimes {
  readonly data: string;
  readonly load: number;
}

type Row = PairRow | PoolRow | SubtractionRow;

const RESULTS = join(ROOT, 'test/results/linked.json');
const VIEWER = '3.13.2';
const REAL = 'cmbcrc';
const POOL = `${REAL} and all measured follow-ups`;
const LINK_TIMEOUT_MS = 900_000;

function loadNow(): number {
  return Math.round(10 * (loadavg()[0] ?? 0)) / 10;
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}

function accuracyOf({ levelMm, nearestMm, volumeMm, cursorMm, missing }: Errors): Accuracy {
  return {
    levelErrorMm: spreadOf(levelMm),
    nearestSliceMm: spreadOf(nearestMm),
    volumeLevelErrorMm: spreadOf(volumeMm),
    cursorErrorMm: spreadOf(cursorMm),
    cursorMissing: missing,
  };
}

function poolOf(all: readonly Errors[]): Errors {
  return {
    levelMm: all.flatMap(({ levelMm }) => levelMm),
    nearestMm: all.flatMap(({ nearestMm }) => nearestMm),
    volumeMm: all.flatMap(({ volumeMm }) => volumeMm),
    cursorMm: all.flatMap(({ cursorMm }) => cursorMm),
    missing: all.reduce((sum, { missing }) => sum + missing, 0),
  };
}

/** Opens a pair in a browser of its own while `work` runs. */
async function withPanes<T>(
  { server, studies, field }: Opened,
  work: (panes: Panes) => Promise<T>,
): Promise<T> {
  const browser = await startBrowser();
  try {
    const { page } = await browser.newPage();
    if (field !== undefined && !(await hasFields(server))) await answerFields(page, field);
    const panes = { page, viewer: new ViewerPage(page, server), linked: new LinkedPage(page) };
    await panes.viewer.open(studies, { compare: true });
    return await work(panes);
  } finally {
    await browser.close();
  }
}

/** The levels of the same pair in volume viewports. */
async function volumeErrors(panes: Panes, { pair }: Opened): Promise<readonly number[]> {
  await panes.linked.showVolumes('axial');
  await panes.linked.scroll(pair.current, 1);
  return (await levelErrors(panes, pair)).shownMm;
}

async function measure(data: string, opened: Opened): Promise<PairRow> {
  const { server, pair } = opened;
  const isComputed = await hasFields(server);
  return await withPanes(opened, async (panes) => {
    const { page, linked } = panes;
    // A level that the other scan shows.
    const middle = pair.levels[Math.floor(pair.levels.length / 2)];
    if (middle !== undefined) await bringTo(page, pair.current, middle.lps);
    await linked.moveTo(pair.current, [0.5, 0.5]);
    const linkedAfterS = await timed(async () => {
      await page.keyboard.press('t');
      await linked.overlay(/^Linked ±/u, LINK_TIMEOUT_MS);
    });
    const requests = linked.requests();
    await linked.scroll(pair.current, 1);
    const levels = await levelErrors(panes, pair);
    const steps = await stepSpeed(page, pair);
    await page.keyboard.press('p');
    const cursor = await cursorErrors(panes, pair);
    const cursorUpdatesPerSecond = await cursorSpeed(panes, pair);
    await page.keyboard.press('p');
    const volumeMm = await volumeErrors(panes, opened);
    const errors: Errors = {
      levelMm: levels.shownMm.map(hundredths),
      nearestMm: levels.nearestMm.map(hundredths),
      volumeMm: volumeMm.map(hundredths),
      cursorMm: cursor.errors.map(hundredths),
      missing: cursor.missing,
    };
    return {
      data,
      isComputed,
      linkedAfterS,
      ...accuracyOf(errors),
      stepsPerSecond: steps.perSecond,
      stepLatencyMs: steps.latencyMs,
      cursorUpdatesPerSecond,
      requestsWhileMoving: requests().length,
      errors,
      load: loadNow(),
    };
  });
}

async function measureSubtraction(opened: Opened, lesions: DemoTruth['lesions']): Promise<SubtractionRow> {
  return await withPanes(opened, async (panes) => {
    // The pane that is read is the active one; the map is on the server by now.
    await panes.linked.moveTo(opened.pair.current, [0.5, 0.5]);
    const times = await subtractionTimes(panes, opened.pair.current, lesions);
    return { data: 'phantom, subtraction of the prior', ...times, load: loadNow() };
  });
}

async function measurePhantom(): Promise<readonly Row[]> {
  return await withPhantom(async (opened, lesions) => {
    const row = await measure('phantom, 2.5 and 3 mm slices', opened);
    return [row, await measureSubtraction(opened, lesions)];
  });
}

async function measureReal(folder: string, cases: readonly FollowUpCase[]): Promise<void> {
  const places = await placesOf(folder);
  for (const followUp of cases) {
    const data = `${REAL} and its follow-up "${followUp}"`;
    const pair = { name: REAL, followUp, viewer: VIEWER } as const;
    await save([await withFollowUp(pair, places, (opened) => measure(data, opened))]);
  }
}

/** The pool of all follow-ups that have been measured; none where there are not several. */
function poolRowsOf(rows: readonly Row[]): readonly PoolRow[] {
  const pairs = rows.filter((row) => 'errors' in row).filter(({ data }) => data.startsWith(REAL));
  if (pairs.length < 2) return [];
  const accuracy = accuracyOf(poolOf(pairs.map(({ errors }) => errors)));
  return [{ data: POOL, of: pairs.map(({ data }) => data), ...accuracy }];
}

/** Prints rows and writes them in the place of earlier ones of the same data; rows of other data stay. */
async function save(rows: readonly Row[]): Promise<void> {
  const text = await readFile(RESULTS, 'utf8');
  const { rows: kept } = JSON.parse(text) as { readonly rows: readonly Row[] };
  const isKept = ({ data }: Row): boolean => data !== POOL && !rows.some((row) => row.data === data);
  const all = [...kept.filter(isKept), ...rows];
  const pool = poolRowsOf(all);
  for (const row of [...rows, ...pool]) process.stdout.write(textOf(row));
  await mkdir(dirname(RESULTS), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify({ viewer: VIEWER, rows: [...all, ...pool] }, null, 2)}\n`);
}

function spreadText({ median, p95, max, count }: Spread): string {
  return `median ${median}, p95 ${p95}, largest ${max} (${count})`;
}

function linesOf(row: Row): readonly string[] {
  if ('coldMs' in row)
    return [
      `first picture           ${row.coldMs.first} ms after the key, whole after ${row.coldMs.whole} ms`,
      `with all images         ${spreadText(row.warmMs)} ms`,
    ];
  const errors = [
    `level error             ${spreadText(row.levelErrorMm)} mm`,
    `of the nearest slice    ${spreadText(row.nearestSliceMm)} mm`,
    `in volume viewports     ${spreadText(row.volumeLevelErrorMm)} mm`,
    `cursor error            ${spreadText(row.cursorErrorMm)} mm, none at ${row.cursorMissing}`,
  ];
  if (!('isComputed' in row)) return errors;
  return [
    `linked after            ${row.linkedAfterS} s${row.isComputed ? '' : ' (true map)'}`,
    ...errors,
    `steps                   ${row.stepsPerSecond} per second, ${spreadText(row.stepLatencyMs)} ms each`,
    `cursor updates          ${row.cursorUpdatesPerSecond ?? 'not measured'} (per second)`,
    `requests while moving   ${row.requestsWhileMoving}`,
  ];
}

function textOf(row: Row): string {
  const load = 'load' in row ? [`load of the machine     ${row.load}`] : [];
  return [row.data, ...[...linesOf(row), ...load].map((line) => `  ${line}`), ''].join('\n');
}

const { values } = parseArgs({ options: { only: { type: 'string' }, case: { type: 'string' } } });
if (values.only !== 'real') await save(await measurePhantom());
const folder = realSeriesFolder(REAL);
if (values.only !== 'phantom' && folder !== undefined)
  await measureReal(
    folder,
    CASES.filter((one) => values.case === undefined || one === values.case),
  );
