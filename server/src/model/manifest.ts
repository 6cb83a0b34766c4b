/**
 * The model manifest, `models/<name>/model.json`: everything the server needs to run a model it has never seen.
 * models/README.md explains it with examples; this schema is the authority. Unknown keys are refused.
 *
 * Words used here: the *working grid* is the series resampled to `input.spacingMm` along the patient axes; a tensor is
 * laid out (1, channels, z, y, x) on it, z towards Superior, y towards Posterior, x towards the patient's Left.
 * @module
 */
import { z } from 'zod';
import { closedKeys, FEATURES, GLOBAL_STEPS, MATCH_METHODS, MATCH_STEPS } from './matchingTerms.ts';

/** Version of this schema; a manifest of another version is refused rather than half understood. */
const MANIFEST_VERSION = 1;

/** Name of the tensor that holds the pre-processed volume. */
export const IMAGE_TENSOR = 'image';

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
    .strictObject({ agreement: z.number().min(0).max(1), radiusMm: z.number().positive() })
    .optional(),
};
const calibration = z.strictObject(calibrationShape, closedKeys(Object.keys(calibrationShape)));

const weights = z.partialRecord(z.enum(['fine', 'coarse', 'semantic']), z.number().min(0).max(1));

const matchingShape = {
  /** Weight of each role in the similarity; one per output, sum 1. SAM: 0.5 fine, 0.5 coarse. */
  weights,
  /** The same for the methods that put the matches of many points together (refined, field); without it, `weights`. */
  neighbourMapWeights: weights.optional(),
  /**
   * "edges": the embedding does not say where in the body a point is, at least not in every contrast; the images place the pair where
   * their edges disagree with its matches. Default: "embedding".
   */
  globalStep: z.enum(GLOBAL_STEPS).optional(),
  /** A method that is not named gets a radius that is a guess, and no answer of it is `matched`. */
  calibration: z.partialRecord(z.enum(MATCH_METHODS), calibration, closedKeys(MATCH_METHODS)).optional(),
};
const matching = z.strictObject(matchingShape, closedKeys(Object.keys(matchingShape)));

const shape = z.strictObject({
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
  outputs: z.array(output).min(1).max(3),
  matching,
});

/** A validated model.json. */
export type Manifest = z.infer<typeof shape>;
/** One graph of a manifest. */
export type GraphManifest = Manifest['graphs'][number];
/** One map of a manifest. */
export type OutputManifest = Manifest['outputs'][number];
/** A modality that a model can read. */
type Modality = z.infer<typeof modality>;
/** How modality units become network input. */
export type IntensityMap = z.infer<typeof intensity>;
/** Share of each map in the similarity. */
export type RoleWeights = z.infer<typeof weights>;
/** Size of the errors of one matching method with a model. */
export type ErrorCalibration = z.infer<typeof calibration>;
/** The manifest as it holds for volumes of one modality: with the graphs that run for it. */
export function manifestFor(manifest: Manifest, wanted: Modality): Manifest {
  const graphs = manifest.graphs.filter(({ modalities }) => modalities?.includes(wanted) ?? true);
  return { ...manifest, graphs };
}

/** Least common multiple of the z strides at a graph: slabs start and end on multiples of it. */
export function alignmentOf(graph: GraphManifest, strides: ReadonlyMap<string, number>): number {
  const all = [
    ...Object.values(graph.inputs).map((name) => strides.get(name) ?? 1),
    ...Object.values(graph.outputs).map(({ zStride }) => zStride),
  ];
  return all.reduce(leastCommonMultiple, 1);
}

/** Stride along z of every tensor of a model, in working voxels. */
export function tensorStrides(graphs: readonly GraphManifest[]): Map<string, number> {
  const strides = new Map([[IMAGE_TENSOR, 1]]);
  for (const { outputs } of graphs) {
    for (const { tensor: name, zStride } of Object.values(outputs)) strides.set(name, zStride);
  }
  return strides;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

type Report = (path: readonly (string | number)[], message: string) => void;

/** Graphs in order: each reads only what exists, makes only new tensors, and its halo keeps slabs aligned. */
function checkGraphs({ graphs }: Manifest, placeOf: (graph: GraphManifest) => number, report: Report): void {
  const known = new Set([IMAGE_TENSOR]);
  const strides = tensorStrides(graphs);
  for (const item of graphs) {
    const index = placeOf(item);
    for (const [name, source] of Object.entries(item.inputs)) {
      if (!known.has(source)) report(['graphs', index, 'inputs', name], `no earlier graph makes "${source}"`);
    }
    for (const [name, { tensor: made }] of Object.entries(item.outputs)) {
      if (known.has(made)) report(['graphs', index, 'outputs', name], `"${made}" exists already`);
      known.add(made);
    }
    const alignment = alignmentOf(item, strides);
    if (item.slab !== 'whole' && item.slab.halo % alignment !== 0) {
      report(['graphs', index, 'slab', 'halo'], `must be a multiple of the z strides, ${alignment}`);
    }
  }
}

/** Tolerance of the sum of weights: decimal fractions such as 0.333 + 0.333 + 0.334. */
const WEIGHT_TOLERANCE = 1e-3;

/** Maps exist, each role once, one of them fine, and the weights belong to them. */
function checkOutputs({ graphs, outputs, matching }: Manifest, report: Report): void {
  const strides = tensorStrides(graphs);
  const roles = outputs.map(({ role }) => role);
  outputs.forEach(({ tensor: name, role, stride: [zStride] }, index) => {
    const made = name === IMAGE_TENSOR ? undefined : strides.get(name);
    if (made === undefined) report(['outputs', index, 'tensor'], `no graph makes "${name}"`);
    else if (made !== zStride) report(['outputs', index, 'stride'], `the graph says a z stride of ${made}`);
    if (roles.indexOf(role) !== index) report(['outputs', index, 'role'], `the role ${role} occurs twice`);
  });
  if (!roles.includes('fine')) report(['outputs'], 'one output must have the role fine');
  for (const key of ['weights', 'neighbourMapWeights'] as const) {
    const shares = matching[key];
    if (shares === undefined) continue;
    const total = roles.reduce((sum, role) => sum + (shares[role] ?? NaN), 0);
    if (!(Math.abs(total - 1) <= WEIGHT_TOLERANCE) || Object.keys(shares).length !== roles.length) {
      report(['matching', key], 'must hold one weight per output role, with sum 1');
    }
  }
}

/** Schema of model.json; beyond shapes it checks that tensors, strides, roles and weights fit together. */
export const manifestSchema = shape.superRefine((manifest, context) => {
  const report: Report = (path, message) => {
    context.addIssue({ code: 'custom', path: [...path], message });
  };
  const modalities = Object.keys(manifest.input.intensity) as Modality[];
  if (modalities.length === 0) report(['input', 'intensity'], 'must name at least one modality');
  manifest.graphs.forEach(({ modalities: own = [] }, index) => {
    const unread = own.find((name) => !modalities.includes(name));
    if (unread !== undefined)
      report(['graphs', index, 'modalities'], `the input has no intensity of ${unread}`);
  });
  // What holds for every modality is reported once.
  const isShared = manifest.graphs.every((graph) => graph.modalities === undefined);
  for (const name of isShared ? modalities.slice(0, 1) : modalities) {
    const whole = manifestFor(manifest, name);
    checkGraphs(whole, (graph) => manifest.graphs.indexOf(graph), report);
    checkOutputs(whole, report);
  }
});
