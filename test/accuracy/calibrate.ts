/**
 * A program: measures how large the errors of each matching method are with a model, on follow-ups of the training and
 * validation volumes at several slice distances, and writes it into the model's manifest (`matching.calibration`).
 *
 *   node calibrate.ts --model samepoint-ct [--models-dir DIR] [--methods refined,nearest] [--points 100]
 *     [--keep-cache DIR] [--lesions-only | --large-changes-only | --coarse-pixels-only] [--dry-run]
 *
 * --lesions-only keeps the calibration and fits the term of the step `surroundings` of `refined` on lesions that have changed;
 * --large-changes-only that of the step `farther`, on consolidated lungs, effusions and resected livers; --coarse-pixels-only the coefficient
 * of the pixels. The full run keeps all three.
 * @module
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ErrorCalibration, Model } from '@samepoint/server';
import { MATCH_METHODS } from '../../server/src/matching/index.ts';
import { PoolRunner } from '../../server/src/matching/pool/pool.ts';
import type { MatchMethod } from '../../server/src/matching/types.ts';
import { dataRoot, ROOT, temporaryFolder } from '../support/paths.ts';
import { samplesOf } from './calibrationSamples.ts';
import { Engine, methodsNamed } from './engine.ts';
import { CONSOLIDATION_CASE, consolidationScenes, everyPlacedIn } from './consolidations.ts';
import { FIELD_OF_VIEW_CASE, fieldOfViewScenes } from './fieldsOfView.ts';
import { subjectAt } from './files.ts';
import type { Subject } from './files.ts';
import { withFinerPixels, withPixels } from './finerPixels.ts';
import { coverageOf, fitCalibration, withPixelCoefficient, withStepTerm } from './fitCalibration.ts';
import type { Sample } from './fitCalibration.ts';
import { FOLLOW_UP_CASES, followUpScenes, SLICE_CASES } from './followUps.ts';
import { lesionScenes, UNCHANGED_CASE } from './lesions.ts';
import { organScenes, someTrainingFiles } from './organs.ts';
import type { Scene } from './scenes.ts';
import { thickened } from './thickened.ts';

/**
 * Volumes of torso/ and the slice distance (mm) that they are averaged to: as clinical series have it, not 2 mm as they are
 * stored. The quantile comes from the two volumes that chose the model but did not train it and, because one of them is a
 * low-dose screening scan and two are few, from two contrast scans that trained it; the regression from others, so that no
 * patient has a part in both.
 */
const VOLUMES = [
  { name: 'nlst', sliceMm: 2, isFitted: false },
  { name: 'c3l00189_0', sliceMm: 5, isFitted: false },
  { name: 'ts_pulm', sliceMm: 2, isFitted: false },
  { name: 'ts_aorta', sliceMm: 5, isFitted: false },
  { name: 'nlst', sliceMm: 5, isFitted: false },
  { name: 'c3l00189_0', sliceMm: 2, isFitted: false },
  { name: 'lidc0314_0', sliceMm: 2, isFitted: true },
  { name: 'crlm_1', sliceMm: 5, isFitted: true },
] as const;

/** Volumes in which lesions change, pairs of each and lesions in a pair: they set the term of the step `surroundings`. */
const LESION_VOLUMES = [
  { name: 'c3l00189_0', sliceMm: 5 },
  { name: 'nlst', sliceMm: 5 },
  { name: 'ts_aorta', sliceMm: 5 },
  { name: 'ts_pulm', sliceMm: 2 },
  { name: 'matrad_0', sliceMm: 3 },
  { name: 'lungfcp_0', sliceMm: 5 },
  { name: 'flt013_0', sliceMm: 3 },
  { name: 'acrin042b', sliceMm: 5 },
  { name: 'c3l00189_0', sliceMm: 2 },
  { name: 'nlst', sliceMm: 2 },
  { name: 'ts_aorta', sliceMm: 2 },
] as const;
/**
 * Volumes in which a part of an organ looks otherwise, and points in each change: they set the term of the step `farther`. Many, because
 * what lies inside a change moves as one: of 23 changes the radius holds in 38 to 100 % of the points.
 */
const LARGE_CHANGE_VOLUMES = [
  'crlm_1',
  'c3l00189_0',
  'ts_aorta',
  'nlst',
  'ts_pulm',
  'matrad_0',
  'lungfcp_0',
  'flt013_0',
  'acrin042b',
  'lidc0314_0',
] as const;
const POINTS_OF_CHANGE = 60;
/** Volumes whose pixels are made coarse, as in a series that was resampled for an analysis: they set the coefficient of the pixels. */
const COARSE_VOLUMES = [
  { name: 'nlst', sliceMm: 2, pixelMm: 3 },
  { name: 'lidc0314_0', sliceMm: 2, pixelMm: 3 },
  { name: 'c3l00189_0', sliceMm: 4, pixelMm: 3 },
  { name: 'ts_aorta', sliceMm: 2, pixelMm: 3 },
  { name: 'ts_pulm', sliceMm: 2, pixelMm: 3 },
  { name: 'crlm_1', sliceMm: 4, pixelMm: 3 },
  { name: 'nlst', sliceMm: 2, pixelMm: 4 },
  { name: 'lidc0314_0', sliceMm: 2, pixelMm: 4 },
  { name: 'c3l00189_0', sliceMm: 4, pixelMm: 4 },
  { name: 'ts_aorta', sliceMm: 2, pixelMm: 4 },
] as const;
/** Slices up to this distance are thin, mm: there the radius of unchanged places is small, and that of changed ones is not. */
const THIN_MM = 2.5;
/** Steps whose terms have a run of their own. */
const OWN_TERMS: ReadonlySet<string> = new Set(['surroundings', 'farther']);
const LESION_PAIRS = 2;
const LESIONS_OF_PAIR = 28;

/** Head-neck patients of the training whose organs are looked for in one another: an inter-patient pair. */
const INTER_PATIENT_SUBJECTS = 12;

/** Points of a pair with a cut field of view: only how much the pair agrees is of use. */
const POINTS_OF_CUT = 5;

/** What the answers are for: the regression, the quantile, or the sign of two patients, which pairs with a cut field of view must not have. */
type Part = 'fitted' | 'held' | 'cut' | 'interPatient';
type Samples = Map<MatchMethod, Record<Part, Sample[]>>;

/** Adds the answers of a scene. */
async function measure(
  scene: Scene,
  part: Part,
  model: Model,
  methods: readonly MatchMethod[],
  { engine, runner }: { readonly engine: Engine; readonly runner: PoolRunner },
  samples: Samples,
): Promise<void> {
  for (const method of methods) {
    // Inter-patient pairs are answered as those that are recognised will be.
    const interPatientAgreement = part === 'interPatient' ? Infinity : undefined;
    const made = await samplesOf(scene, method, { engine, runner, model }, interPatientAgreement);
    const parts = samples.get(method) ?? { fitted: [], held: [], cut: [], interPatient: [] };
    samples.set(method, parts);
    parts[part].push(...made);
    const within = made.filter(({ errorMm }) => errorMm <= 10).length / made.length;
    process.stderr.write(
      `${scene.data} ${scene.case} ${method}: n ${made.length}, within 10 mm ${within.toFixed(3)}\n`,
    );
  }
}

async function collect(
  model: Model,
  methods: readonly MatchMethod[],
  points: number,
  folder: string,
  engine: Engine,
): Promise<Samples> {
  const runner = new PoolRunner(availableParallelism());
  const samples: Samples = new Map();
  try {
    for (const { name, sliceMm, isFitted } of VOLUMES) {
      const subject = withFinerPixels(thickened(await torsoSubject(name), sliceMm));
      const scenes = followUpScenes(`${name}-${sliceMm}mm`, subject, {
        points,
        cases: [...FOLLOW_UP_CASES, ...SLICE_CASES],
        folder,
      });
      for await (const scene of scenes)
        if (scene.outOfView !== true)
          await measure(scene, isFitted ? 'fitted' : 'held', model, methods, { engine, runner }, samples);
      if (sliceMm > THIN_MM) continue;
      const cut = { points: POINTS_OF_CUT, cases: [FIELD_OF_VIEW_CASE], folder };
      for await (const scene of fieldOfViewScenes(`${name}-${sliceMm}mm`, subject, cut))
        await measure(scene, 'cut', model, methods, { engine, runner }, samples);
    }
    for await (const scene of organScenes(await someTrainingFiles(INTER_PATIENT_SUBJECTS)))
      // Compact centroids are among the organ centroids.
      if (scene.case !== 'compact-centroids')
        await measure(scene, 'interPatient', model, methods, { engine, runner }, samples);
  } finally {
    await runner.close();
  }
  return samples;
}

/** Answers of `refined` to the points of scenes. */
async function refinedSamples(
  scenes: AsyncIterable<Scene>,
  model: Model,
  engine: Engine,
): Promise<readonly Sample[]> {
  const runner = new PoolRunner(availableParallelism());
  const samples: Samples = new Map();
  try {
    for await (const scene of scenes)
      await measure(scene, 'held', model, ['refined'], { engine, runner }, samples);
  } finally {
    await runner.close();
  }
  return samples.get('refined')?.held ?? [];
}

/** Lesions that have changed. */
async function* changedLesionScenes(folder: string): AsyncGenerator<Scene> {
  const options = { folder, pairs: LESION_PAIRS, lesions: LESIONS_OF_PAIR };
  for (const { name, sliceMm } of LESION_VOLUMES) {
    const subject = withFinerPixels(thickened(await torsoSubject(name), sliceMm));
    for await (const scene of lesionScenes(`${name}-${sliceMm}mm`, subject, options))
      if (scene.case !== UNCHANGED_CASE) yield scene;
  }
}

/** Points inside large changes. */
async function* largeChangeScenes(folder: string): AsyncGenerator<Scene> {
  const options = { folder, points: POINTS_OF_CHANGE, cases: [CONSOLIDATION_CASE] };
  for (const name of LARGE_CHANGE_VOLUMES)
    yield* consolidationScenes(name, await torsoSubject(name), options, everyPlacedIn);
}

/** Follow-ups of volumes with coarse pixels. */
async function* coarsePixelScenes(points: number, folder: string): AsyncGenerator<Scene> {
  const options = { points, cases: FOLLOW_UP_CASES, folder };
  for (const { name, sliceMm, pixelMm } of COARSE_VOLUMES) {
    const subject = withPixels(thickened(await torsoSubject(name), sliceMm), pixelMm);
    for await (const scene of followUpScenes(`${name}-${sliceMm}mm-pixels-${pixelMm}mm`, subject, options))
      if (scene.outOfView !== true) yield scene;
  }
}

function torsoSubject(name: string): Promise<Subject> {
  return subjectAt(join(dataRoot(), 'torso', `${name}.nii.gz`));
}

/** The manifest's calibration of `refined` with the coefficient of the pixels; all else stays. */
function withPixelsOf(model: Model, samples: readonly Sample[]): ErrorCalibration {
  const calibration = withPixelCoefficient(refinedCalibrationOf(model), samples);
  const ofPixels = (mm: number): readonly Sample[] =>
    samples.filter(({ spacing }) => Math.round(spacing.pixelMm) === mm);
  report('refined', calibration, { pixels3mm: ofPixels(3), pixels4mm: ofPixels(4) });
  return calibration;
}

/** The manifest's calibration of `refined` with the term of the step `farther`; all else stays. */
function withFarther(model: Model, samples: readonly Sample[]): ErrorCalibration {
  const calibration = withStepTerm(refinedCalibrationOf(model), 'farther', samples);
  report('refined', calibration, { farther: samples.filter(({ found }) => found.step === 'farther') });
  return calibration;
}

function refinedCalibrationOf(model: Model): ErrorCalibration {
  const known = model.manifest.matching.calibration?.refined;
  if (known === undefined) throw new Error(`${model.id} has no calibration of refined`);
  return known;
}

/**
 * The manifest's calibration of `refined` with the term of the step `surroundings`, large enough for thin and for thick slices; all else
 * stays.
 */
function withSurroundings(model: Model, samples: readonly Sample[]): ErrorCalibration {
  const known = refinedCalibrationOf(model);
  const thin = samples.filter(({ spacing }) => spacing.sliceMm <= THIN_MM);
  const thick = samples.filter(({ spacing }) => spacing.sliceMm > THIN_MM);
  const [ofThin, ofThick] = [thin, thick].map((part) => withStepTerm(known, 'surroundings', part));
  const termOf = (made: ErrorCalibration | undefined): number => made?.steps.surroundings ?? -Infinity;
  const calibration = (termOf(ofThin) > termOf(ofThick) ? ofThin : ofThick) ?? known;
  report('refined', calibration, { thin, thick });
  return calibration;
}

async function writeManifest(
  folder: string,
  model: Model,
  made: Readonly<Record<string, ErrorCalibration>>,
): Promise<void> {
  const file = join(folder, model.id, 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { matching: { calibration?: object } };
  manifest.matching.calibration = { ...manifest.matching.calibration, ...made };
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Calibrates methods from scratch, but for the terms of changed lesions and of large changes. */
async function calibrationsOf(
  model: Model,
  methods: readonly MatchMethod[],
  points: number,
  engine: Engine,
): Promise<Record<string, ErrorCalibration>> {
  const samples = await collect(model, methods, points, folder, engine);
  const made: Record<string, ErrorCalibration> = {};
  for (const [method, { fitted, held, cut, interPatient }] of samples) {
    const calibration = fitCalibration(fitted, held, interPatient, cut);
    const known = model.manifest.matching.calibration?.[method];
    const kept = Object.entries(known?.steps ?? {}).filter(([step]) => OWN_TERMS.has(step));
    const steps = { ...calibration.steps, ...Object.fromEntries(kept) };
    const pixels = known?.coefficients.pixels;
    const coefficients = { ...calibration.coefficients, ...(pixels !== undefined && { pixels }) };
    // calibrateLandmarks.ts measures it.
    const landmarkRadiusMm = known?.differentPatients?.landmarkRadiusMm;
    const differentPatients = calibration.differentPatients && {
      ...calibration.differentPatients,
      ...(landmarkRadiusMm === undefined ? {} : { landmarkRadiusMm }),
    };
    made[method] = { ...calibration, coefficients, steps, ...(differentPatients && { differentPatients }) };
    report(method, made[method], { fitted, held });
  }
  return made;
}

function report(
  method: string,
  calibration: ErrorCalibration,
  samples: Readonly<Record<string, readonly Sample[]>>,
): void {
  const coverage = Object.fromEntries(
    Object.entries(samples).map(([part, made]) => [part, coverageOf(made, calibration)]),
  );
  process.stdout.write(`${method} ${JSON.stringify({ calibration, report: coverage }, null, 1)}\n`);
}

async function madeFor(model: Model, engine: Engine): Promise<Record<string, ErrorCalibration>> {
  const points = Number(values.points);
  const samplesIn = (scenes: AsyncIterable<Scene>): Promise<readonly Sample[]> =>
    refinedSamples(scenes, model, engine);
  if (values['lesions-only'])
    return { refined: withSurroundings(model, await samplesIn(changedLesionScenes(folder))) };
  if (values['large-changes-only'])
    return { refined: withFarther(model, await samplesIn(largeChangeScenes(folder))) };
  if (values['coarse-pixels-only'])
    return { refined: withPixelsOf(model, await samplesIn(coarsePixelScenes(points, folder))) };
  return await calibrationsOf(model, methodsNamed(values.methods.split(',')), points, engine);
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'samepoint-ct' },
    'models-dir': { type: 'string', default: join(ROOT, 'models') },
    methods: { type: 'string', default: MATCH_METHODS.join(',') },
    points: { type: 'string', default: '100' },
    'keep-cache': { type: 'string' },
    'lesions-only': { type: 'boolean', default: false },
    'large-changes-only': { type: 'boolean', default: false },
    'coarse-pixels-only': { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
  },
});
const folder = values['keep-cache'] ?? temporaryFolder('calibrate');
const engine = await Engine.open(folder, values['models-dir']);
try {
  const [model] = engine.models([values.model]);
  if (model === undefined) throw new Error(`no model ${values.model}`);
  const made = await madeFor(model, engine);
  if (!values['dry-run']) await writeManifest(values['models-dir'], model, made);
} finally {
  await engine.close();
  if (values['keep-cache'] === undefined) await rm(folder, { recursive: true, force: true });
}
