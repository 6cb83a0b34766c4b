/**
 * Scans of two patients, real ones that no training has seen: nothing is claimed to be the same point, also where their matches agree as
 * those of one patient may.
 */
import { rm } from 'node:fs/promises';
import { Engine } from './accuracy/engine.ts';
import { organScenes } from './accuracy/organs.ts';
import type { Scored } from './accuracy/statistics.ts';
import { temporaryFolder } from './support/paths.ts';
import { describeWith } from './support/requirements.ts';

/** Of the first four pairs two agree by less than the limit of the manifest, and two by more. */
const PAIRS = 4;
const POINTS = 'compact-centroids';

describeWith(['headneck'], 'necks of two patients', () => {
  const folder = temporaryFolder('two-patients');
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.open(folder);
  });
  afterAll(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(['refined', 'nearest', 'field'] as const)(
    'no answer of %s is matched, and the radius is that of two patients',
    async (method) => {
      const [model] = engine.models(['samepoint-ct']);
      const { calibration } = model!.manifest.matching;
      const limits = calibration?.[method]?.differentPatients ?? calibration?.refined?.differentPatients;
      const scored: Scored[] = [];
      let pairs = 0;
      for await (const scene of organScenes()) {
        if (scene.case !== POINTS) continue;
        const pair = await engine.embedPair(scene.query, scene.target, model!);
        scored.push(...(await engine.answer(scene, pair, method)).scored);
        if (++pairs === PAIRS) break;
      }
      expect(scored.length).toBeGreaterThan(2 * PAIRS);
      expect(scored.filter(({ verdict }) => verdict === 'matched')).toEqual([]);
      expect(Math.min(...scored.map(({ radiusMm = NaN }) => radiusMm))).toBeGreaterThanOrEqual(
        limits!.radiusMm,
      );
    },
  );
});
