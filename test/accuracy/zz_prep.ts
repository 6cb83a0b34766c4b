import { createMatcher } from '../../server/src/matching/index.ts';
import { shareEmbedding } from '../../server/src/matching/sharedEmbedding.ts';
import { createEmbedder, loadModels } from '../../server/src/embedding/index.ts';
import { pyramidOf } from '../../server/src/matching/image/pyramid.ts';
import { spaceOf } from '../../server/src/matching/localRunner.ts';
import { withWeights } from '../../server/src/matching/searchSpace.ts';
import { draftOf, globalMatches, localMatches, structureFrom } from '../../server/src/matching/structure/structure.ts';
import { dataRoot, subjectAt } from './files.ts';
import { followUpScenes } from './followUps.ts';
const models = await loadModels('models');
const e = createEmbedder({ models, threads: 2 });
const w = models.get('samepoint-ct').manifest.matching.structureWeights;
for await (const s of followUpScenes('cmbcrc', await subjectAt(`${dataRoot()}/dicom/cmbcrc`), { cases: ['easy'], points: 200, folder: '/tmp/acc-cache' })) {
  const q = await e.embed(await s.query.load(), 'samepoint-ct'), t = await e.embed(await s.target.load(), 'samepoint-ct');
  await e.close();
  console.log(q.maps.map((m: any) => `${m.role} ${m.grid.dims} c${m.channels}`), q.image.grid.dims);
  for (let i = 0; i < 4; i++) {
    const times: string[] = [];
    const time = <T>(n: string, f: () => T): T => { const t0 = performance.now(); const r = f(); times.push(`${n} ${(performance.now() - t0).toFixed(0)}`); return r; };
    const cq = { ...q } as any, ct = { ...t } as any;
    const sq = time('share', () => shareEmbedding(cq)), st = time('share', () => shareEmbedding(ct));
    let a = spaceOf(sq) as any, b = spaceOf(st) as any;
    if (w) { a = withWeights(a, w as any); b = withWeights(b, w as any); }
    time('pyr', () => pyramidOf(a.embedding)); time('pyr', () => pyramidOf(b.embedding));
    const g = time('global', () => globalMatches(a, b, { part: 0, parts: 1 }));

    const d = time('draft', () => draftOf(g))!;
    const l = time('local', () => localMatches(a, b, d, { part: 0, parts: 1 }));
    const st2 = time('structure', () => structureFrom(d, l));
    console.log(times.join(', '), g.length, l.length, st2.agreement, g.reduce((x, p) => x + p.similarity, 0), l.reduce((x, p) => x + p.to[0] + p.weight, 0));
  }
}
