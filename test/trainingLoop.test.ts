/**
 * What models/training makes becomes models of the server, for each kind of network: packed weights of the published width by
 * import, an exported network of small width unchanged; and both are used.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { quantiseModel } from '../server/src/modelImport/index.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './support/paths.ts';
import { floats, run } from './support/reference.ts';
import { describeWith } from './support/requirements.ts';

/** Networks of 33 million weights are made, written, read and run. */
jest.setTimeout(600_000);

const KINDS = ['sam', 'uae-s', 'uae-m'] as const;
/** trained_models.SIZE. */
const SIZE = '32,64,64';
/** Largest difference between ONNX and PyTorch, components of unit vectors. */
const TOLERANCE = 1e-4;

describeWith(['torch'], 'trained networks', () => {
  const folder = temporaryFolder('training-loop');
  const models = join(folder, 'models');
  const env = { SAMEPOINT_MODELS_DIRECTORY: models };
  const samepoint = (...args: readonly string[]): string => run(NODE, [CLI, ...args], { env });
  beforeAll(() => {
    mkdirSync(models);
    run('/usr/bin/python3', ['-m', 'tests.trained_models', '--out', folder], {
      cwd: join(ROOT, 'models/training'),
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(KINDS)('packed weights of %s are imported as that kind, and equal PyTorch', (kind) => {
    const report: unknown = JSON.parse(samepoint('models', 'import', join(folder, `${kind}.pt`)));
    expect(report).toMatchObject({ id: kind, kind, tensors: kind === 'sam' ? 138 : 146 });
    const output = join(folder, 'server');
    mkdirSync(output, { recursive: true });
    run(NODE, [join(ROOT, 'test/support/runModel.ts'), models, kind, join(folder, 'hu.f32'), SIZE, output]);
    for (const role of ['fine', 'coarse', ...(kind === 'uae-s' ? ['semantic'] : [])]) {
      const [found, wanted] = [output, folder].map((place) => floats(join(place, `${kind}.${role}.f32`)));
      expect(found?.length).toBe(wanted?.length);
      const differs = (value: number, n: number): boolean =>
        !(Math.abs(value - (wanted?.[n] ?? NaN)) < TOLERANCE);
      expect(found?.findIndex(differs)).toBe(-1);
    }
    rmSync(join(folder, `${kind}.pt`));
  });

  test('imported and exported models are listed, with what they are', () => {
    const { models: listed, failures } = JSON.parse(samepoint('models', 'list')) as {
      models: { id: string; title: string; kind: string; modalities: string[] }[];
      failures: unknown[];
    };
    expect(failures).toEqual([]);
    const named = listed.map(({ id, kind, title, modalities }) => [id, kind, title, modalities.join(' ')]);
    expect(named.sort()).toEqual(
      KINDS.flatMap((kind) => {
        const about = [
          kind,
          `${kind.toUpperCase()}, trained with samepoint-training`,
          kind === 'uae-m' ? 'CT MR' : 'CT',
        ];
        return [kind, `${kind}-small`].map((id) => [id, ...about]);
      }).sort(),
    );
  });

  test.each(KINDS)('the int8 form of %s has nearly the same vectors', async (kind) => {
    const report = await quantiseModel({
      ...{
        kind,
        modelsDirectory: models,
        reference: `${kind}-small`,
        file: join(folder, `${kind}-small.pth`),
      },
      images: join(folder, 'ct'),
      mrImages: kind === 'uae-m' ? join(folder, 'mr') : undefined,
      ...{ python: '/usr/bin/python3', trainingDirectory: join(ROOT, 'models/training'), threads: 1 },
    });
    expect(report.id).toBe(`${kind}-small-int8`);
    expect(Object.keys(report.cosines)).toEqual(kind === 'uae-m' ? ['CT', 'MR'] : ['CT']);
    for (const cosines of Object.values(report.cosines))
      for (const cosine of Object.values(cosines)) expect(cosine).toBeGreaterThan(0.97);
    process.stdout.write(`${kind}, int8 against fp32: ${JSON.stringify(report.cosines)}\n`);
    const weights = ['fp32', 'int8'].map(
      (form) => statSync(join(models, `${kind}-small${form === 'int8' ? '-int8' : ''}`, 'trunk.onnx')).size,
    );
    expect(weights[1]! / weights[0]!).toBeLessThan(0.8);
    rmSync(join(models, report.id), { recursive: true });
  });

  test('an int8 form that cannot be made says why, and stores nothing', async () => {
    const request = {
      ...{ kind: 'uae-m' as const, modelsDirectory: models, reference: 'uae-m-small', threads: 1 },
      ...{ file: join(folder, 'uae-m-small.pth'), images: join(folder, 'ct') },
      ...{ python: '/usr/bin/python3', trainingDirectory: join(ROOT, 'models/training') },
    };
    const before = readdirSync(models);
    for (const [change, words] of [
      [{}, /--mr-images: UAE-M reads CT and MR/u],
      [{ images: models }, /no \.nii or \.nii\.gz file/u],
      [{ kind: 'sam' as const }, /is not SAM/u],
      [{ python: '/nowhere/python' }, /ENOENT/u],
    ] as const) {
      await expect(quantiseModel({ ...request, ...change })).rejects.toMatchObject({
        code: 'models/quantisation-failed',
        message: expect.stringMatching(words) as unknown,
      });
    }
    expect(readdirSync(models)).toEqual(before);
  });

  test('an exported model finds points', () => {
    const patient = join(folder, 'patient');
    samepoint('phantom', '--seed', '1', '--coarseness', '16', '--out', patient);
    for (const kind of KINDS) {
      const { matches } = JSON.parse(
        samepoint(
          ...[
            'match',
            join(patient, 'current'),
            join(patient, 'current'),
            '--point=-93,-158,-450',
            '--cache',
            join(folder, 'cache'),
          ],
          ...['--model', `${kind}-small`, '--method', 'nearest'],
        ),
      ) as { matches: { ok: boolean; match: { target: { lps: number[] }; model: { id: string } } }[] };
      expect(matches[0]).toMatchObject({ ok: true, match: { model: { id: `${kind}-small` } } });
      // The scan itself: whatever the weights, the most similar place is the point.
      const [x = NaN, y = NaN, z = NaN] = matches[0]?.match.target.lps ?? [];
      expect(Math.hypot(x + 93, y + 158, z + 450)).toBeLessThan(4);
    }
  });
});
