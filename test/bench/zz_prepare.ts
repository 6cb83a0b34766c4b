import { readVolume } from '../../server/src/volume/index.ts';
import { resample, workingGrid } from '../../server/src/volume/index.ts';
import { bodyGrid } from '../../server/src/embedding/bodyBox.ts';
import { toImage } from '../../server/src/embedding/image.ts';
import { normalise, padTo } from '../../server/src/embedding/preprocess.ts';
import { loadModels } from '../../server/src/embedding/index.ts';
import { subjectAt, dataRoot } from '../accuracy/files.ts';
const s = await subjectAt(`${dataRoot()}/dicom/cmbcrc`);
const v: any = await (s as any).load();
const m = (await loadModels('models')).get('samepoint-ct').manifest;
const intensity: any = m.input.intensity.CT; const outside = intensity.outside;
console.log(v.dims, v.data.constructor.name, m.input);
for (let n = 0; n < 5; n++) {
  const times: string[] = []; const time = <T>(k: string, f: () => T): T => { const t = performance.now(); const r = f(); times.push(`${k} ${(performance.now() - t).toFixed(0)}`); return r; };
  const whole = workingGrid(v, m.input.spacingMm);
  const grid = time('body', () => bodyGrid(v, whole, outside));
  const a = time('aa', () => resample(v, grid, { outside, antialias: true }));
  const image = time('image', () => toImage(a, grid, 'CT'));
  const b = time('plain', () => resample(v, grid, { outside, antialias: m.input.antialias }));
  const p = time('pad', () => padTo(b, [grid.dims[2], grid.dims[1], grid.dims[0]], m.input.minimumSize, outside));
  time('norm', () => normalise(intensity, p.values));
  console.log(grid.dims, times.join(', '));
}
