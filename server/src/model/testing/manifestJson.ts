/** A valid manifest as JSON, for tests that break or extend it. */
export function manifestJson(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const graphs = (changes['graphs'] ?? [
    {
      file: 'toy.onnx',
      inputs: { image: 'image' },
      outputs: { fine: { tensor: 'fine', zStride: 1 } },
      slab: { halo: 4, bytesPerVoxel: 100 },
    },
  ]) as Record<string, unknown>[];
  return {
    manifestVersion: 1,
    id: 'toy',
    title: 'Toy model',
    version: '1.0.0',
    kind: 'descriptor',
    region: 'any',
    preference: 0,
    input: {
      spacingMm: 4,
      orientation: 'LPS',
      layout: 'NCZYX',
      antialias: true,
      minimumSize: [1, 1, 1],
      intensity: {
        CT: { type: 'window', low: -1000, high: 600, scale: 1, offset: -1000, outside: -1024 },
      },
    },
    outputs: [{ tensor: 'fine', role: 'fine', channels: 2, stride: [1, 1, 1], centre: [0, 0, 0] }],
    matching: {
      weights: Object.fromEntries(
        ((changes['outputs'] as { role: string }[] | undefined) ?? [{ role: 'fine' }]).map(
          ({ role }, _, all) => [role, 1 / all.length],
        ),
      ),
    },
    ...changes,
    graphs: graphs.map((graph) => ({ sha256: 'a'.repeat(64), ...graph })),
  };
}
