// Runs exported graphs with onnxruntime-node: node run_graphs.mjs DIR. DIR holds model.json, the graphs, image.f32
// (raw float32) and image.json ([z, y, x]); writes NAME.f32 and NAME.json per output (Z, Y, X, C). SLAB=n cuts graphs that
// may be cut into slabs of n working slices with the manifest's halo, as the server does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';

const folder = process.argv[2];
const slices = Number(process.env.SLAB ?? 0);
const threads = Number(process.env.THREADS ?? 1);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const manifest = read('model.json');
const bytes = readFileSync(join(folder, 'image.f32'));
const image = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const tensors = new Map([['image', { data: image, dims: [1, 1, ...read('image.json')], stride: 1 }]]);

/** Slices [from, to) of (1, 1, Z, Y, X) or (Z, Y, X, C): neighbours in memory either way. */
function cut({ data, dims }, from, to) {
  const axis = dims.length === 5 ? 2 : 0;
  const end = Math.min(to, dims[axis]);
  const size = data.length / dims[axis];
  return { data: data.slice(from * size, end * size), dims: dims.with(axis, end - from) };
}

/** Joins slabs (Z, Y, X, C) along z. */
function joined(slabs) {
  const data = new slabs[0].data.constructor(slabs.reduce((sum, slab) => sum + slab.data.length, 0));
  let [offset, depth] = [0, 0];
  for (const slab of slabs) {
    data.set(slab.data, offset);
    offset += slab.data.length;
    depth += slab.dims[0];
  }
  return { data, dims: slabs[0].dims.with(0, depth) };
}

const depth = tensors.get('image').dims[2];
const sessions = [];
for (const graph of manifest.graphs) {
  sessions.push(
    await ort.InferenceSession.create(join(folder, graph.file), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      enableMemPattern: false,
      enableCpuMemArena: false,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }),
  );
}
const begin = performance.now();
for (const [index, graph] of manifest.graphs.entries()) {
  const started = performance.now();
  const halo = graph.slab === 'whole' ? 0 : graph.slab.halo;
  const step = graph.slab === 'whole' || slices === 0 ? depth : slices;
  const made = new Map(Object.keys(graph.outputs).map((name) => [name, []]));
  for (let start = 0; start < depth; start += step) {
    const [from, to] = [Math.max(0, start - halo), start + step >= depth ? Infinity : start + step + halo];
    const feeds = {};
    for (const [name, source] of Object.entries(graph.inputs)) {
      const { stride } = tensors.get(source);
      const { data, dims } = cut(tensors.get(source), from / stride, to / stride);
      feeds[name] = new ort.Tensor(data instanceof Uint8Array ? 'uint8' : 'float32', data, dims);
    }
    const results = await sessions[index].run(feeds);
    for (const [name, { zStride }] of Object.entries(graph.outputs)) {
      const kept = start + step >= depth ? Infinity : (start + step - from) / zStride;
      const { data, dims } = results[name];
      made.get(name).push(cut({ data, dims }, (start - from) / zStride, kept));
    }
  }
  for (const [name, { tensor, zStride }] of Object.entries(graph.outputs)) {
    tensors.set(tensor, { ...joined(made.get(name)), stride: zStride });
  }
  console.log(`${graph.file} ${((performance.now() - started) / 1000).toFixed(2)} s`);
}
const seconds = (performance.now() - begin) / 1000;
console.log(`total ${seconds.toFixed(2)} s, peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
for (const { tensor } of manifest.outputs) {
  const { data, dims } = tensors.get(tensor);
  // Codes of a map are symmetric about 128; a common factor does not matter to directions.
  const floats = data instanceof Uint8Array ? Float32Array.from(data, (code) => code - 128) : data;
  writeFileSync(join(folder, `${tensor}.f32`), Buffer.from(floats.buffer));
  writeFileSync(join(folder, `${tensor}.json`), JSON.stringify(dims));
}
