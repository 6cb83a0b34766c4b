import type { Affine } from '../geometry/index.ts';
import type { Embedding } from '../embedding/types.ts';
import { compose } from '../geometry/index.ts';
import { queryEmbedding, targetEmbedding } from './testing/affinePair.ts';
import { describePose, KeptPoses } from './pose.ts';

const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

function pose(kind: 'turned' | 'mirrored', rotation: Affine) {
  return describePose({
    kind,
    rotation,
    registration: { correlation: 0.9, overlap: 1, queryToTarget: rotation },
  });
}

function aboutX(deg: number): Affine {
  const [c, s] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
  return [1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0];
}

describe('describePose', () => {
  it('changes nothing where both lie alike', () => {
    expect(describePose({ kind: 'alike' })).toEqual({ warnings: [] });
  });

  it('names angle and axis of a turn, and undoes it', () => {
    const { turn, warnings, isSideUnsure } = pose('turned', aboutX(31));
    expect(warnings).toMatchObject([{ code: 'matching/turned' }]);
    expect(warnings[0]!.message).toContain('turned by 31° about the left-right axis');
    compose(turn!, aboutX(31)).forEach((value, n) => {
      expect(value).toBeCloseTo(IDENTITY[n]!, 12);
    });
    expect(isSideUnsure).toBeUndefined();
  });

  it.each([
    ['head and feet', [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0], 'front and back, and head and feet exchanged'],
    ['prone', [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0], 'left and right, and front and back exchanged'],
    ['a permutation', [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0], 'axes exchanged'],
  ] as const)('calls wrong labels by their name: %s', (_name, rotation, words) => {
    const [warning] = pose('turned', compose(aboutX(6), rotation)).warnings;
    expect(warning).toMatchObject({ code: 'matching/wrong-labels' });
    expect(warning!.message).toContain(words);
  });

  it('names a mirror image, and what is exchanged, and trusts no side', () => {
    const { turn, warnings, isSideUnsure } = pose('mirrored', [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0]);
    expect(warnings).toMatchObject([{ code: 'matching/mirrored' }]);
    expect(warnings[0]!.message).toContain('(head and feet exchanged)');
    expect(turn).toBeDefined();
    expect(isSideUnsure).toBe(true);
    const perhaps = describePose({ kind: 'perhaps-mirrored' });
    expect(perhaps).toMatchObject({ isSideUnsure: true, warnings: [{ code: 'matching/perhaps-mirrored' }] });
    expect(perhaps.turn).toBeUndefined();
  });
});

describe('KeptPoses', () => {
  it('finds the pose of a pair once, and again after a failure', async () => {
    const searched: (readonly [string, string])[] = [];
    let isBroken = true;
    const poses = new KeptPoses((query, target) => {
      searched.push([query.volume.seriesInstanceUid, target.volume.seriesInstanceUid]);
      return isBroken ? Promise.reject(new Error('no thread')) : Promise.resolve({ warnings: [] });
    });
    const previewImageOf = ({ volume, image, bodyMask }: Embedding) => ({ volume, image, bodyMask });
    const get = (query: Embedding, target: Embedding) => poses.get({ query, target, previewImageOf });
    await expect(get(queryEmbedding, targetEmbedding)).rejects.toThrow('no thread');
    isBroken = false;
    await get(queryEmbedding, targetEmbedding);
    await get(queryEmbedding, targetEmbedding);
    await get(targetEmbedding, queryEmbedding);
    const [one, other] = [queryEmbedding, targetEmbedding].map(({ volume }) => volume.seriesInstanceUid);
    expect(searched).toEqual([
      [one, other],
      [one, other],
      [other, one],
    ]);
  });

  it('makes a preview image once, whatever the pairs of its series', async () => {
    const made: Embedding[] = [];
    const poses = new KeptPoses(() => Promise.resolve({ warnings: [] }));
    const previewImageOf = (embedding: Embedding) => {
      made.push(embedding);
      const { volume, image, bodyMask } = embedding;
      return { volume, image, bodyMask };
    };
    for (const target of [targetEmbedding, { ...targetEmbedding }, { ...targetEmbedding }])
      await poses.get({ query: queryEmbedding, target, previewImageOf });
    expect(made.filter((embedding) => embedding === queryEmbedding)).toHaveLength(1);
    expect(made).toHaveLength(4);
  });
});
