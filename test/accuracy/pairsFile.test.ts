import { parsePairs } from './pairsFile.ts';

const PAIR = {
  query: { path: 'a.nii.gz' },
  target: { path: 'b', modality: 'MR' },
  points: [{ query: [1, 2, 3], target: [-4, 5.5, 6] }],
};
const parse = (value: unknown): unknown => parsePairs(JSON.stringify(value), 'pairs.json');

describe('parsePairs', () => {
  it('reads what README.md describes', () => {
    const full = { data: 'mine', pairs: [{ ...PAIR, case: 'lung' }, PAIR] };
    expect(parse(full)).toEqual(full);
    expect(parse({ pairs: [PAIR] })).toEqual({ pairs: [PAIR] });
  });

  it.each([
    ['no JSON', '{', /pairs\.json is no JSON/],
    ['no pairs', JSON.stringify({ data: 'x', pairs: [] }), /pairs: /],
    ['a foreign key', JSON.stringify({ data: 'x', pairs: [PAIR], frame: 'RAS' }), /"frame"/],
    [
      'a point of two numbers',
      JSON.stringify({ data: 'x', pairs: [{ ...PAIR, points: [{ query: [1, 2], target: [1, 2, 3] }] }] }),
      /pairs\[0\]\.points\[0\]\.query/,
    ],
    ['no points', JSON.stringify({ data: 'x', pairs: [{ ...PAIR, points: [] }] }), /pairs\[0\]\.points/],
    [
      'an unknown modality',
      JSON.stringify({ data: 'x', pairs: [{ ...PAIR, query: { path: 'a', modality: 'US' } }] }),
      /pairs\[0\]\.query\.modality/,
    ],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parsePairs(text, 'pairs.json')).toThrow(message);
  });
});
