import { distanceMm } from '../../geometry/index.ts';
import { PLACES, queryEmbedding, targetEmbedding, toTarget } from '../../matching/testing/affinePair.ts';
import { fieldOf } from '../../neighbourMap/index.ts';
import { searchSpaceOf } from '../../search/space.ts';
import { lookUpField } from './matchField.ts';
import { countNodes } from './nodes.ts';
import { precomputeField } from './precomputeField.ts';

const query = searchSpaceOf(queryEmbedding);

describe('the field of two contrasts', () => {
  const target = searchSpaceOf({
    ...targetEmbedding,
    volume: { ...targetEmbedding.volume, modality: 'MR' },
  });
  const field = precomputeField(query, target);

  it('is that of the neighbour map: it has no other displacement and no registered node', () => {
    expect(field.context.areDifferentContrasts).toBe(true);
    expect(field.displacements).toBeUndefined();
    expect(countNodes(field.grid!)).toMatchObject({ registered: 0 });
    for (const place of PLACES) {
      const found = lookUpField(query, target, place, field)!;
      expect(distanceMm(found.lps, fieldOf(field.context.neighbourMap!).at(place).lps)).toBeLessThan(1);
      expect(distanceMm(found.lps, toTarget(place))).toBeLessThan(4);
      expect(found.evidence?.areDifferentContrasts).toBe(true);
    }
  });
});

describe('the field of one contrast', () => {
  it('is matched densely', () => {
    const field = precomputeField(query, searchSpaceOf(targetEmbedding));
    expect(field.context.areDifferentContrasts).toBe(false);
    expect(field.displacements).toBeDefined();
  });
});
