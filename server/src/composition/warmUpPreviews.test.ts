import { fileURLToPath } from 'node:url';
import { grossPose, registerPreviews } from '../affineRegistration/index.ts';
import { loadModels } from '../model/index.ts';
import type { PreviewRequest } from '../matching/index.ts';
import { warmUpPreviews } from './warmUpPreviews.ts';

const MODELS = fileURLToPath(new URL('../../../models/', import.meta.url));

test('the warm-up registers a body in every thread that stays, a few times', async () => {
  const requests: PreviewRequest[] = [];
  const models = await loadModels(MODELS);
  const previewPoints = (request: PreviewRequest): Promise<[]> => {
    requests.push(request);
    return Promise.resolve([]);
  };
  await warmUpPreviews({ previewPoints }, models.get('samepoint-ct'));
  expect(requests).toHaveLength(8);
  const [{ query, target }] = requests as [PreviewRequest];
  // Neither ends early: the pair lies alike, and its map is found.
  expect(await grossPose(query, target)).toEqual({ kind: 'alike' });
  expect((await registerPreviews(query, target)).correlation).toBeCloseTo(1, 3);
});
