/**
 * The checks that go beyond the shape of a manifest: graphs, tensors, maps and weights belong together.
 * @module
 */
import { alignmentOf, IMAGE_TENSOR, manifestFor, tensorStrides } from './layout.ts';
import { manifestShape } from './manifestShape.ts';
import type { GraphManifest, Manifest, Modality } from './manifestShape.ts';

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
export const manifestSchema = manifestShape.superRefine((manifest, context) => {
  const report: Report = (path, message) => {
    context.addIssue({ code: 'custom', path: [...path], message });
  };
  if (Object.keys(manifest.input.intensity).length === 0)
    report(['input', 'intensity'], 'must name at least one modality');
  checkForm(manifest, report);
  const forms = manifest.forms ?? [];
  forms.forEach(({ graphs, providers }, index) => {
    checkForm({ ...manifest, graphs }, (path, message) => {
      report(['forms', index, ...path], message);
    });
    const earlier = forms.slice(0, index).flatMap((form) => form.providers);
    const twice = providers.find((provider) => earlier.includes(provider));
    if (twice !== undefined) report(['forms', index, 'providers'], `${twice} has a form already`);
  });
});

/** Graphs of one form, and the maps that come of them, for every modality. */
function checkForm(manifest: Manifest, report: Report): void {
  const modalities = Object.keys(manifest.input.intensity) as Modality[];
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
}
