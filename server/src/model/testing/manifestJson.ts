/** Its input, to be changed. */
export const INPUT = {
  spacingMm: 4,
  orientation: 'LPS',
  layout: 'NCZYX',
  antialias: true,
  minimumSize: [1, 1, 1],
  intensity: { CT: { type: 'window', low: -1000, high: 600, scale: 1, offset: -1000, outside: -1024 } },
};
const GRAPH = {
  file: 'toy.onnx',
  inputs: { image: 'image' },
  outputs: { fine: { tensor: 'fine', zStride: 1 } },
  slab: { halo: 4, bytesPerVoxel: 100 },
};
const OUTPUT = { tensor: 'fine', role: 'fine', channels: 2, stride: [1, 1, 1], centre: [0, 0, 0] };

type Json = Record<string, unknown>;

interface Changes extends Readonly<Json> {
  readonly graphs?: readonly Json[];
  readonly outputs?: readonly (Readonly<Json> & { readonly role: string })[];
}

interface Manifest extends Json {
  readonly graphs: Json[];
}

/** A valid manifest as JSON, for tests that break or extend it. */
export function manifestJson({ graphs = [GRAPH], outputs = [OUTPUT], ...changes }: Changes = {}): Manifest {
  return {
    manifestVersion: 1,
    id: 'toy',
    title: 'Toy model',
    version: '1.0.0',
    kind: 'descriptor',
    region: 'any',
    preference: 0,
    input: INPUT,
    outputs,
    matching: { weights: Object.fromEntries(outputs.map(({ role }) => [role, 1 / outputs.length])) },
    ...changes,
    graphs: graphs.map((graph) => ({ sha256: 'a'.repeat(64), ...graph })),
  };
}
