/**
 * A program: calibrates a model that has a network for each modality, for pairs of CT and MR and of two MR, and writes it into its manifest
 * (`matching.modalityCalibrations`). Pairs of two CTs get the calibration of the model whose network it runs on a CT.
 *
 *   node calibrateModalities.ts [--model samepoint-any] [--ct samepoint-ct] [--kinds CT-MR,MR-MR] [--points 60] [--keep-cache DIR] [--dry-run]
 *
 * The pairs are of the training: limbs whose truth is a registration or a known map, and CTs of the trunk in the contrasts of an MR. Volumes
 * that set the quantile have no part in the regression.
 * @module
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ErrorCalibration } from '@samepoint/server';
import { PoolRunner } from '../../server/src/matching/pool/pool.ts';
import type { MatchMethod } from '../../server/src/matching/types.ts';
import { manifestShape } from '../../server/src/model/manifestShape.ts';
import { dataRoot, ROOT, temporaryFolder } from '../support/paths.ts';
import { samplesOf } from './calibrationSamples.ts';
import type { Answering } from './calibrationSamples.ts';
import { contrastScenes } from './contrasts.ts';
import { Engine } from './engine.ts';
import { subjectAt } from './files.ts';
import { coverageOf, fitCalibration } from './fitCalibration.ts';
import type { Sample } from './fitCalibration.ts';
import { limbScenes, mrBeside, trainingLimbs } from './limbs.ts';
import { mrScenes } from './mrPairs.ts';
import { thickened } from './thickened.ts';
import { reversed } from './scenes.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The methods that are calibrated. The radius of the others did not hold on held-back patients, and stays a guess. */
const METHODS: readonly MatchMethod[] = ['refined'];
/** CTs of torso/, averaged to thicker slices. Neither trained a network. */
const TRUNKS = [
  { name: 'nlst', isFitted: false },
  { name: 'c3l00189_0', isFitted: true },
] as const;
const TRUNK_SLICE_MM = 5;
const TRUNK_CASES = ['t1-like', 'inverted'];
/** Two sequences of an MR in turn, so that each patient has one of the same contrast and one of another. */
const MR_SEQUENCES = ['mr-fat-suppressed', 'mr-adc-like', 'mr-inverted'] as const;

/** Of the training, by name. */
const MR_PATIENTS = 10;

type Kind = 'CT-MR' | 'MR-MR';
interface CalibrationScene {
  readonly scene: Scene;
  readonly isFitted: boolean;
}

/** CT and MR, in both directions. */
async function* ctMrScenes(options: SceneOptions): AsyncGenerator<CalibrationScene> {
  for (const [n, file] of (await trainingLimbs()).entries())
    for await (const scene of limbScenes(options, [file]))
      for (const one of [scene, reversed(scene)]) yield { scene: one, isFitted: n % 3 === 0 };
  for (const { name, isFitted } of TRUNKS) {
    const stored = thickened(await subjectAt(join(dataRoot(), 'torso', `${name}.nii.gz`)), TRUNK_SLICE_MM);
    for await (const scene of contrastScenes(`${name}-${TRUNK_SLICE_MM}mm`, stored, {
      ...options,
      cases: TRUNK_CASES,
    }))
      for (const one of [scene, reversed(scene)]) yield { scene: one, isFitted };
  }
}

/** Two MR, in both directions. */
async function* mrMrScenes(options: SceneOptions): AsyncGenerator<CalibrationScene> {
  for (const [n, file] of (await trainingLimbs()).slice(0, MR_PATIENTS).entries()) {
    const cases = ['mr-follow-up', MR_SEQUENCES[n % MR_SEQUENCES.length]!];
    for await (const scene of mrScenes([mrBeside(file)], { ...options, cases }))
      yield { scene, isFitted: n % 2 === 0 };
  }
}

/**
 * With what these pairs say nothing of: the growth of the radius by the slice distance is another model's, because they have one slice
 * distance; and no similarity is so low that a place counts as absent, because right answers between two contrasts have any.
 */
function withAssumed(calibration: ErrorCalibration, slices: number): ErrorCalibration {
  return { ...calibration, matchedSimilarity: -1, coefficients: { ...calibration.coefficients, slices } };
}

/** The calibration of each method on the pairs of a kind. */
async function calibrationOf(
  kind: Kind,
  options: SceneOptions,
  answering: Answering & { readonly sliceTerm: number },
): Promise<Record<string, ErrorCalibration>> {
  const samples = new Map(
    METHODS.map((method) => [method, { fitted: [] as Sample[], held: [] as Sample[] }]),
  );
  const scenes = kind === 'CT-MR' ? ctMrScenes(options) : mrMrScenes(options);
  for await (const { scene, isFitted } of scenes)
    for (const [method, parts] of samples) {
      const made = await samplesOf(scene, method, answering);
      parts[isFitted ? 'fitted' : 'held'].push(...made);
      const within = made.filter(({ errorMm }) => errorMm <= 10).length / made.length;
      process.stderr.write(
        `${scene.data} ${scene.case} ${method}: n ${made.length}, within 10 mm ${within.toFixed(3)}\n`,
      );
    }
  return Object.fromEntries(
    [...samples].map(([method, { fitted, held }]) => {
      const calibration = withAssumed(fitCalibration(fitted, held), answering.sliceTerm);
      const report = { fitted: coverageOf(fitted, calibration), held: coverageOf(held, calibration) };
      process.stdout.write(`${kind} ${method} ${JSON.stringify({ calibration, report }, null, 1)}\n`);
      return [method, calibration];
    }),
  );
}

type Manifest = ReturnType<typeof manifestShape.parse>;

/** The calibrations of a manifest with others in the place of those of the same modalities. */
async function writeCalibrations(
  file: string,
  made: NonNullable<Manifest['matching']['modalityCalibrations']>,
): Promise<void> {
  const manifest = manifestShape.parse(JSON.parse(await readFile(file, 'utf8')));
  const names = made.map(({ modalities }) => modalities.join());
  const kept = (manifest.matching.modalityCalibrations ?? []).filter(
    ({ modalities }) => !names.includes(modalities.join()),
  );
  const matching = { ...manifest.matching, modalityCalibrations: [...kept, ...made] };
  await writeFile(file, `${JSON.stringify({ ...manifest, matching }, null, 2)}\n`);
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'samepoint-any' },
    ct: { type: 'string', default: 'samepoint-ct' },
    kinds: { type: 'string', default: 'CT-MR,MR-MR' },
    points: { type: 'string', default: '60' },
    'keep-cache': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const folder = values['keep-cache'] ?? temporaryFolder('calibrate-modalities');
const engine = await Engine.open(folder);
const runner = new PoolRunner(availableParallelism());
try {
  const [model, ct] = engine.models([values.model, values.ct]);
  if (model === undefined || ct === undefined) throw new Error(`no model ${values.model} or ${values.ct}`);
  const sliceTerm = ct.manifest.matching.calibration?.refined?.coefficients.slices ?? 0;
  const options = { points: Number(values.points), cases: [], folder };
  const made: NonNullable<Manifest['matching']['modalityCalibrations']> = [];
  const { structural: _, ...ofCt } = ct.manifest.matching.calibration ?? {};
  made.push({ modalities: ['CT', 'CT'], calibration: ofCt });
  for (const kind of values.kinds.split(',').filter((name) => name === 'CT-MR' || name === 'MR-MR')) {
    const calibration = await calibrationOf(kind, options, { engine, runner, model, sliceTerm });
    made.push({ modalities: kind === 'CT-MR' ? ['CT', 'MR'] : ['MR', 'MR'], calibration });
  }
  if (!values['dry-run']) await writeCalibrations(join(ROOT, 'models', model.id, 'model.json'), made);
} finally {
  await runner.close();
  await engine.close();
  if (values['keep-cache'] === undefined) await rm(folder, { recursive: true, force: true });
}
