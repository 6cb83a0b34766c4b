/**
 * The registration that the matches are measured against: Debian's elastix, affine and then B-spline, on the very same pairs
 * and points. Its transform maps points of the fixed image to the moving one: fixed = query, moving = target.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lpsPoint, axisStep, spacingOf } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { temporaryFolder } from '../support/paths.ts';
import type { Cost } from './cpuTime.ts';
import { InputError } from './files.ts';
import { bodyOf } from './points.ts';
import type { Scene } from './scenes.ts';
import { scoreAnswer } from './scoring.ts';
import type { Scored } from './statistics.ts';

const run = promisify(execFile);

/** elastix logs every iteration. */
const MAX_OUTPUT_BYTES = 256 * 2 ** 20;
/** Axes that are skewed by more than this (cosine) cannot be an ITK image. */
const SKEW = 1e-4;
/** Last line of the timed command: user and system time. */
const TIMES = /^cpu ([\d.]+) ([\d.]+) real ([\d.]+)\s*$/m;

const COMMON = `
(FixedInternalImagePixelType "float")
(MovingInternalImagePixelType "float")
(UseDirectionCosines "true")
(Registration "MultiResolutionRegistration")
(Interpolator "LinearInterpolator")
(ResampleInterpolator "FinalBSplineInterpolator")
(FinalBSplineInterpolationOrder 1)
(Resampler "DefaultResampler")
(FixedImagePyramid "FixedRecursiveImagePyramid")
(MovingImagePyramid "MovingRecursiveImagePyramid")
(Optimizer "AdaptiveStochasticGradientDescent")
(AutomaticParameterEstimation "true")
(UseAdaptiveStepSizes "true")
(HowToCombineTransforms "Compose")
(ImageSampler "RandomCoordinate")
(NewSamplesEveryIteration "true")
(CheckNumberOfSamples "true")
(RequiredRatioOfValidSamples 0.05)
(MaximumNumberOfSamplingAttempts 10)
(ErodeMask "false")
(WriteResultImage "false")
(DefaultPixelValue -1024)
`;

/** Mutual information: the thick case is in another contrast phase. */
const AFFINE = `${COMMON}
(Transform "AffineTransform")
(AutomaticScalesEstimation "true")
(AutomaticTransformInitialization "false")
(Metric "AdvancedMattesMutualInformation")
(NumberOfHistogramBins 32)
(NumberOfResolutions 4)
(ImagePyramidSchedule 16 16 6  8 8 4  4 4 2  2 2 1)
(MaximumNumberOfIterations 500 400 300 250)
(NumberOfSpatialSamples 3000)
`;

/** Down to knots of 12 mm; the last level sees the original voxels. */
const BSPLINE = `${COMMON}
(Transform "BSplineTransform")
(Metric "AdvancedMattesMutualInformation")
(NumberOfHistogramBins 32)
(FinalGridSpacingInPhysicalUnits 12 12 12)
(NumberOfResolutions 5)
(GridSpacingSchedule 8 4 2 1 1)
(ImagePyramidSchedule 8 8 4  4 4 2  4 4 2  2 2 1  1 1 1)
(MaximumNumberOfIterations 400 500 600 500 500)
(NumberOfSpatialSamples 3000 4000 5000 5000 6000)
`;

/** Where the programs are missing, nothing is measured. */
export class ElastixMissing extends InputError {
  constructor() {
    super('elastix is not installed: apt-get install elastix');
  }
}

/** The header of a MetaImage; ITK's world is LPS mm. */
function header(volume: Pick<Volume, 'dims' | 'voxelToLps'>, type: string, file: string): string {
  const m = volume.voxelToLps;
  const spacing = spacingOf(m);
  const axes = ([0, 1, 2] as const).map((axis) => axisStep(m, axis).map((step) => step / spacing[axis]));
  const dot = (a: number, b: number): number =>
    [0, 1, 2].reduce((sum, n) => sum + (axes[a]?.[n] ?? 0) * (axes[b]?.[n] ?? 0), 0);
  if ([dot(0, 1), dot(0, 2), dot(1, 2)].some((cosine) => Math.abs(cosine) > SKEW))
    throw new InputError('elastix reads no volume with skewed axes (gantry tilt)');
  return [
    'ObjectType = Image',
    'NDims = 3',
    'BinaryData = True',
    'BinaryDataByteOrderMSB = False',
    `TransformMatrix = ${axes.flat().join(' ')}`,
    `Offset = ${m[3]} ${m[7]} ${m[11]}`,
    `ElementSpacing = ${spacing.join(' ')}`,
    `DimSize = ${volume.dims.join(' ')}`,
    `ElementType = ${type}`,
    `ElementDataFile = ${file}`,
    '',
  ].join('\n');
}

type Voxels = Int16Array | Float32Array | Uint8Array;

function elementType(data: Voxels): string {
  if (data instanceof Int16Array) return 'MET_SHORT';
  return data instanceof Float32Array ? 'MET_FLOAT' : 'MET_UCHAR';
}

/** Writes a MetaImage (.mhd and .raw) and gives the path of its header. */
async function writeImage(
  folder: string,
  name: string,
  image: Pick<Volume, 'dims' | 'voxelToLps'> & { readonly data: Voxels },
): Promise<string> {
  const { data } = image;
  await writeFile(join(folder, `${name}.raw`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const path = join(folder, `${name}.mhd`);
  await writeFile(path, header(image, elementType(data), `${name}.raw`));
  return path;
}

/** Lines of a failed program's output that are shown. */
const SHOWN_LINES = 12;

/**
 * Runs elastix on all processors, as it does by itself, and gives its times.
 * @throws InputError with the end of its output when it fails.
 */
async function timedElastix(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Cost> {
  // bash, because Node does not report the processor time of a child.
  const script = 'TIMEFORMAT="cpu %U %S real %R"; time elastix "$@" 2>&1';
  try {
    const command = ['-c', script, 'timed', ...args];
    const { stderr } = await run('bash', command, { env, maxBuffer: MAX_OUTPUT_BYTES });
    const [, user = '', system = '', real = ''] = TIMES.exec(stderr) ?? [];
    return { seconds: Number(real), cpuSeconds: Number(user) + Number(system) };
  } catch (cause) {
    const { stdout = '' } = cause as { stdout?: string };
    const end = stdout.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
    throw new InputError(`elastix failed:\n${end}`, { cause });
  }
}

/** Input of transformix: world points. */
export function pointsFile(points: readonly LpsPoint[]): string {
  return `point\n${points.length}\n${points.map((point) => point.join(' ')).join('\n')}\n`;
}

/** The transformed points of transformix' outputpoints.txt, in their order. */
export function readOutputPoints(text: string): LpsPoint[] {
  return [...text.matchAll(/OutputPoint = \[ ([^\]]+) \]/g)].map(([, numbers = '']) => {
    const [x = NaN, y = NaN, z = NaN] = numbers.trim().split(/\s+/).map(Number);
    return lpsPoint(x, y, z);
  });
}

async function assertInstalled(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run('elastix', ['--version'], { env });
    await run('transformix', ['--version'], { env });
  } catch {
    throw new ElastixMissing();
  }
}

async function register(
  folder: string,
  query: Volume,
  target: Volume,
  env: NodeJS.ProcessEnv,
): Promise<Cost> {
  const fixed = await writeImage(folder, 'fixed', query);
  const moving = await writeImage(folder, 'moving', target);
  const { grid, voxels } = bodyOf(query);
  const mask = await writeImage(folder, 'mask', { ...grid, data: voxels });
  await writeFile(join(folder, 'affine.txt'), AFFINE);
  await writeFile(join(folder, 'bspline.txt'), BSPLINE);
  const parameters = ['-p', join(folder, 'affine.txt'), '-p', join(folder, 'bspline.txt')];
  const images = ['-f', fixed, '-m', moving, '-fMask', mask];
  return await timedElastix([...images, ...parameters, '-out', folder], env);
}

/** A pair of images that elastix has registered. */
interface RegisteredImages {
  /** What distinguishes the pair from others. */
  readonly identity: string;
  /** Holds the transform. */
  readonly folder: string;
  /** Of elastix only. */
  readonly cost: Cost;
}

/** Registers pairs with elastix, those of consecutive scenes once: scenes may be of other points in the same two images. */
export class Elastix {
  readonly #env: NodeJS.ProcessEnv;
  #last: RegisteredImages | undefined;

  /** @param env its PATH has the programs */
  constructor(env = process.env) {
    this.#env = env;
  }

  /**
   * Maps the points of the query.
   * @returns the distances from the truth, and the time of the registration
   * @throws InputError when elastix is not installed.
   */
  async answer(scene: Scene): Promise<{ readonly scored: Scored[]; readonly cost: Cost }> {
    const { folder, cost } = await this.#registered(scene);
    const [input, out] = [join(folder, 'input.txt'), join(folder, 'points')];
    await writeFile(input, pointsFile(scene.points.map(({ query }) => query)));
    await mkdir(out, { recursive: true });
    const transform = join(folder, 'TransformParameters.1.txt');
    const command = ['-def', input, '-tp', transform, '-out', out];
    await run('transformix', command, { env: this.#env, maxBuffer: MAX_OUTPUT_BYTES });
    const found = readOutputPoints(await readFile(join(out, 'outputpoints.txt'), 'utf8'));
    return { scored: scene.points.map((point, index) => scoreAnswer(point, found[index]!)), cost };
  }

  /** Removes what is kept of the last pair. */
  async close(): Promise<void> {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined) await rm(last.folder, { recursive: true, force: true });
  }

  async #registered({ query, target }: Scene): Promise<RegisteredImages> {
    const identity = JSON.stringify([query.identity, target.identity]);
    if (this.#last?.identity === identity) return this.#last;
    await this.close();
    await assertInstalled(this.#env);
    const folder = temporaryFolder('elastix');
    try {
      const cost = await register(folder, await query.load(), await target.load(), this.#env);
      return (this.#last = { identity, folder, cost });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}
