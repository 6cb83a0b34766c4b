import { Engine } from './engine.ts';
import { subjectAt } from './files.ts';
import { followUpScenes } from './followUps.ts';
import { createMatcher } from '../../server/src/matching/index.ts';
const folder = '/tmp/zzcacheF';
const engine = await Engine.open(folder);
const [model] = engine.models(['samepoint-ct']);
const subject = await subjectAt('/work/shared/data/dicom/cmbcrc');
const matcher = createMatcher({ threads: 0 });
for await (const s of followUpScenes('cmbcrc', subject, { points: 100, cases: ['easy'], folder } as never)) {
  if ((s as any).outOfView) continue;
  const { query, target } = await engine.embedPair(s.query, s.target, model!);
  const one = async (n: number) => { const t = performance.now(); await matcher.matchPoints({ points: [{ id: 'p', lps: s.points[n]!.query }], method: 'refined', model: model!.manifest, query, target } as never); return performance.now() - t; };
  await one(0);
  for (let r = 0; r < 6; r++) { const ts: number[] = []; for (let n = 0; n < 100; n++) ts.push(await one(n)); ts.sort((a, b) => a - b); console.log(ts[50]!.toFixed(2), ts[95]!.toFixed(2)); }
}
await engine.close(); await matcher.close();
