/**
 * The model manifest, `models/<name>/model.json`: everything the server needs to run a model it has never seen.
 * models/README.md explains it with examples; this schema is the authority. Unknown keys are refused.
 *
 * Words used here: the *working grid* is the series resampled to `input.spacingMm` along the patient axes; a tensor is
 * laid out (1, channels, z, y, x) on it, z towards Superior, y towards Posterior, x towards the patient's Left.
 * @module
 */
import { z } from 'zod';
import { closedKeys } from './closedKeys.ts';
import { ACCELERATORS } from './executionProviders.ts';
import { FEATURES, GLOBAL_STEPS, MATCH_METHODS, MATCH_STEPS } from './types.ts';

/** Version of this schema; a manifest of another version is refused rather than half understood. */
const MANIFEST_VERSION = 1;

const identifier = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower case letters, digits, ".", "_", "-"');
const tensorName = z.string().min(1).max(64);
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/, 'must be an .onnx file beside model.json');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower case hexadecimal');
const stride = z.number().int().min(1).max(64);
const voxels = z.number().int().min(1).max(4096);

/** v = (clip(x, low, high) - low) * scale + offset, x in modality units. SAM on CT: -1024, 3071, 255/4095, -50. */
const windowIntensity = z.strictObject({
  type: z.literal('window'),
  low: z.number(),
  high: z.number(),
  scale: z.number(),
  offset: z.number(),
  /** Modality value of points outside the acquired volume. */
  outside: z.number(),
});

/** v = clip01((x - lo) / (hi - lo)) * scale + offset; lo, hi are percentiles over the voxels of the working grid. */
const percentileIntensity = z.strictObject({
  type: z.literal('percentile'),
  lowPercent: z.number().min(0).max(100),
  highPercent: z.number().min(0).max(100),
  scale: z.number(),
  offset: z.number(),
  /** Modality value of points outside the acquired volume. */
  outside: z.number(),
});

const modality = z.enum(['CT', 'MR', 'PT']);

const intensity = z
  .discriminatedUnion('type', [windowIntensity, percentileIntensity])
  .refine((map) => (map.type === 'window' ? map.low < map.high : map.lowPercent < map.highPercent), {
    message: 'the lower bound must be below the upper bound',
  });

const input = z.strictObject({
  /** Edge of a working voxel, mm; isotropic. */
  spacingMm: z.number().min(0.5).max(16),
  /** Direction of growing x, y, z. Only LPS exists; stated so that a foreign manifest cannot be misread. */
  orientation: z.literal('LPS'),
  /** Order of the tensor axes. */
  layout: z.literal('NCZYX'),
  /** Low-pass filter before down-sampling; SAM was trained without. */
  antialias: z.boolean(),
  /** One voxel of the network's deepest grid, z, y, x; smaller volumes are padded at the far end with `outside`. */
  minimumSize: z.tuple([voxels, voxels, voxels]),
  /**
   * "body": only the part of the series that holds the body is embedded, with some air around. For models that were
   * trained on such pieces; published ones were not.
   */
  crop: z.enum(['body', 'none']).default('none'),
  /** One intensity map per modality; a modality that is not listed is refused. */
  intensity: z.partialRecord(modality, intensity),
});

const tensor = z.strictObject({ tensor: tensorName, zStride: stride });

/**
 * How a graph is cut along z. "whole": in one run. Otherwise `halo` working slices are added on each side of a slab and
 * their results dropped; it must be at least the receptive field of the graph, then the slabs equal the whole.
 * `bytesPerVoxel` is the peak memory of a run per working voxel: with the memory limit of the server it gives the slab.
 */
const slab = z.union([
  z.literal('whole'),
  z.strictObject({ halo: z.number().int().min(0).max(1024), bytesPerVoxel: z.number().min(1).max(100_000) }),
]);

const graph = z.strictObject({
  file: fileName,
  sha256,
  /** ONNX input name to the tensor fed into it: "image" or an output of an earlier graph. */
  inputs: z.record(tensorName, tensorName),
  /** ONNX output name to the tensor it makes, with its stride along z in working voxels. */
  outputs: z.record(tensorName, tensor),
  slab,
  /** Modalities that it runs for; without it, all. A model may have a network of its own for each modality. */
  modalities: z.array(modality).min(1).optional(),
  /** Share of the model's run time; only for the progress bar. */
  cost: z.number().positive().default(1),
});

/** The same weights in other graphs, for the execution providers that run those faster. */
const form = z.strictObject({
  providers: z.array(z.enum(ACCELERATORS)).min(1),
  /** As `graphs` of the manifest: the same maps come of them. */
  graphs: z.array(graph).min(1).max(16),
});

const output = z.strictObject({
  tensor: tensorName,
  role: z.enum(['fine', 'coarse', 'semantic']),
  channels: z.number().int().min(2).max(1024),
  /** Working voxels per map voxel along z, y, x. */
  stride: z.tuple([stride, stride, stride]),
  /**
   * Working index (z, y, x; integers are voxel centres) of the centre of the first map voxel. A map voxel that stands
   * for a block of n voxels has (n - 1) / 2: SAM fine 0.5, coarse 1.5, 7.5, 7.5.
   */
  centre: z.tuple([z.number(), z.number(), z.number()]),
});

/**
 * How large the errors of one matching method are with this model: log-linear in what the method knows, scaled to 90 %
 * (server/src/matching/confidence). Made by test/accuracy/calibrate.ts.
 */
const calibrationShape = {
  intercept: z.number(),
  /** A feature that is not named has no influence. */
  coefficients: z.partialRecord(z.enum(FEATURES), z.number(), closedKeys(FEATURES)),
  /** Added to the intercept for the step that gave the answer. */
  steps: z.partialRecord(z.enum(MATCH_STEPS), z.number(), closedKeys(MATCH_STEPS)),
  /** 90 % quantile of error / expected error on points that were not fitted. */
  quantile: z.number().positive(),
  /** Answers with a larger radius are not claimed as matched, mm. */
  matchedRadiusMm: z.number().positive(),
  /** Nor are answers less similar than nearly all right answers between scans of one patient. */
  matchedSimilarity: z.number().min(-1).max(1),
  /** Pairs that agree so little look like two patients: no answer is claimed, and its radius is at least this. */
  differentPatients: z
    .strictObject({
      agreement: z.number().min(0).max(1),
      radiusMm: z.number().positive(),
      /** The same of landmarks that one template gives. Made by test/accuracy/calibrateLandmarks.ts. */
      landmarkRadiusMm: z.number().positive().optional(),
    })
    .optional(),
};
const calibration = z.strictObject(calibrationShape, closedKeys(Object.keys(calibrationShape)));

const calibrationOfMethods = z.partialRecord(z.enum(MATCH_METHODS), calibration, closedKeys(MATCH_METHODS));

/** The calibration of the pairs of two modalities, in either order. */
const modalityCalibration = z.strictObject({
  modalities: z.tuple([modality, modality]),
  calibration: calibrationOfMethods,
});

const weights = z.partialRecord(z.enum(['fine', 'coarse', 'semantic']), z.number().min(0).max(1));

const matchingShape = {
  /** Weight of each role in the similarity; one per output, sum 1. SAM: 0.5 fine, 0.5 coarse. */
  weights,
  /** The same for the methods that put the matches of many points together (refined, field); without it, `weights`. */
  neighbourMapWeights: weights.optional(),
  /**
   * "edges": the embedding does not say where in the body a point is, at least not in every contrast; the images place the pair where
   * their edges disagree with its matches. "vectors": single vectors are noisy; all of them together, and the edges of the images, place
   * the pair. Default: "embedding".
   */
  globalStep: z.enum(GLOBAL_STEPS).optional(),
  /**
   * `nearest` weighs the similarity against the place that the neighbour map gives: it is lowered by half the square of the distance from
   * there in units of this, mm. Without it, `nearest` is the rule of SAM and UAE: only the similarity, in the whole target.
   */
  nearestPriorMm: z.number().positive().optional(),
  /** A method that is not named gets a radius that is a guess, and no answer of it is `matched`. */
  calibration: calibrationOfMethods.optional(),
  /** Instead of `calibration` for the pairs of these modalities: a network for each modality errs by another amount on each kind of pair. */
  modalityCalibrations: z.array(modalityCalibration).max(6).optional(),
};
const matching = z.strictObject(matchingShape, closedKeys(Object.keys(matchingShape)));

export const manifestShape = z.strictObject({
  manifestVersion: z.literal(MANIFEST_VERSION),
  id: identifier,
  title: z.string().min(1).max(120),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be major.minor.patch'),
  kind: z.enum(['descriptor', 'sam', 'uae-s', 'uae-m']),
  /** Body region the model is meant for, in words. */
  region: z.string().min(1).max(120),
  /**
   * Body parts that the model was trained for: BodyPartExamined, defined terms of PS3.16 Annex L and what scanners write
   * for them. Without it nothing is said about a series' own.
   */
  bodyParts: z
    .array(z.string().regex(/^[A-Z0-9]{1,16}$/, 'must be a term of upper case letters and digits'))
    .min(1)
    .optional(),
  /** The installed model with the highest preference is the default. */
  preference: z.number().int().min(0).max(1000),
  input,
  /** Run in this order. */
  graphs: z.array(graph).min(1).max(16),
  /** `graphs` is for the CPU and for every provider that no form names. */
  forms: z.array(form).min(1).max(4).optional(),
  outputs: z.array(output).min(1).max(3),
  matching,
});

/** A validated model.json. */
export type Manifest = z.infer<typeof manifestShape>;
/** One graph of a manifest. */
export type GraphManifest = Manifest['graphs'][number];
/** One map of a manifest. */
export type OutputManifest = Manifest['outputs'][number];
/** A modality that a model can read. */
export type Modality = z.infer<typeof modality>;
/** How modality units become network input. */
export type IntensityMap = z.infer<typeof intensity>;
/** Share of each map in the similarity. */
export type RoleWeights = z.infer<typeof weights>;
/** Size of the errors of one matching method with a model. */
export type ErrorCalibration = z.infer<typeof calibration>;
