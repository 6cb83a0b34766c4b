import { Places } from './places.ts';

describe('Places', () => {
  it('are limited for each key and in all', () => {
    const places = new Places({ total: 3, perKey: 2 });
    expect(places.take(['a'])).toBeDefined();
    expect(places.take(['a'])).toBeDefined();
    expect(places.take(['a'])).toBeUndefined();
    expect(places.take(['b'])).toBeDefined();
    expect(places.take(['c'])).toBeUndefined();
    expect(places.open).toBe(3);
  });

  it('need a place under every key of the holder', () => {
    const places = new Places({ total: 9, perKey: 1 });
    places.take(['address 1', 'user 1']);
    expect(places.take(['address 1', 'user 2'])).toBeUndefined();
    expect(places.take(['address 2', 'user 1'])).toBeUndefined();
    expect(places.take(['address 2', 'user 2'])).toBeDefined();
  });

  it('come back once, however often they are given back', () => {
    const places = new Places({ total: 2, perKey: 2 });
    const release = places.take(['a']);
    places.take(['a']);
    release?.();
    release?.();
    expect(places.open).toBe(1);
    expect(places.take(['a'])).toBeDefined();
    expect(places.take(['a'])).toBeUndefined();
  });
});
