/**
 * A program: measures how far landmarks of one template are off in other patients, and writes the radius into the model's manifest
 * (`matching.calibration.refined.differentPatients.landmarkRadiusMm`). The patients are whole head-neck CTs of the training, and those
 * of the validation that are cut around their target; the whole ones of the validation are measured by test/bench/landmarks.ts.
 *
 *   node calibrateLandmarks.ts [--model samepoint-ct] [--keep-cache DIR] [--dry-run]
 *
 * @module
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createMatcher } from '../../server/src/matching/index.ts';
import type { MatchModel } from '../../server/src/matching/index.ts';
import { ROOT, temporaryFolder } from '../support/paths.ts';
import { Engine } from './engine.ts';
import { landmarkErrors, necksOf } from './landmarkErrors.ts';
import type { LandmarkError, Neck } from './landmarkErrors.ts';
import { landmarkRadiusMm } from './landmarkRadius.ts';
import { heldBackFiles, someTrainingFiles } from './organs.ts';

/** Every tenth neck by name is kept for validation. */
const EVERY = 10;
/** Training files that are looked at, and whole necks of them that are used. */
const [TRAINING_FILES, TRAINING_NECKS] = [70, 22];
/** Templates of a neck lie this far behind it in the ring of its necks. */
const STEPS = [1, 3, 5, 7, 9];

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'samepoint-ct' },
    'keep-cache': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const folder = values['keep-cache'] ?? temporaryFolder('calibrate');
const engine = await Engine.open(folder);
const matcher = createMatcher();

/** Errors of the landmarks found in each neck of a ring. */
async function errorsIn(necks: readonly Neck[], model: MatchModel): Promise<readonly LandmarkError[][]> {
  const errors: LandmarkError[][] = [];
  for (const [n, target] of necks.entries()) {
    const templates = STEPS.flatMap((step) => necks[(n + step) % necks.length]?.template ?? []);
    const found: LandmarkError[] = [];
    for (const template of templates)
      found.push(...(await landmarkErrors([template], target, model, matcher)));
    errors.push(found);
  }
  return errors;
}

async function writeRadius(id: string, landmarkRadius: number): Promise<void> {
  const file = join(ROOT, 'models', id, 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as {
    matching: { calibration: { refined: { differentPatients: { landmarkRadiusMm?: number } } } };
  };
  manifest.matching.calibration.refined.differentPatients.landmarkRadiusMm = landmarkRadius;
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

try {
  const [model] = engine.models([values.model]);
  if (model === undefined) throw new RangeError(`there is no model ${values.model}`);
  const trained = await necksOf(engine, model, await someTrainingFiles(TRAINING_FILES), {
    most: TRAINING_NECKS,
  });
  const cut = await necksOf(engine, model, await heldBackFiles('headneck', EVERY), { areBlanked: true });
  const patients = [...(await errorsIn(trained, model.manifest)), ...(await errorsIn(cut, model.manifest))];
  const radius = Number(landmarkRadiusMm(patients).toFixed(1));
  const errors = patients.flat();
  const held = errors.filter(({ errorMm }) => errorMm <= radius).length / errors.length;
  process.stdout.write(
    `${errors.length} landmarks of ${patients.length} patients: ${radius} mm hold ${held.toFixed(3)}\n`,
  );
  if (!values['dry-run']) await writeRadius(model.id, radius);
} finally {
  await Promise.all([engine.close(), matcher.close()]);
  if (values['keep-cache'] === undefined) await rm(folder, { recursive: true, force: true });
}
