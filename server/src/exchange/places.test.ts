import { Places } from './places.ts';

describe('Places', () => {
  it('are limited for each key and in all', () => {
    const places = new Places({ total: 3, perKey: 2 });
    expect(places.acquire(['a'])).toBeDefined();
    expect(places.acquire(['a'])).toBeDefined();
    expect(places.acquire(['a'])).toBeUndefined();
    expect(places.acquire(['b'])).toBeDefined();
    expect(places.acquire(['c'])).toBeUndefined();
    expect(places.open).toBe(3);
  });

  it('need a place under every key of the holder', () => {
    const places = new Places({ total: 9, perKey: 1 });
    places.acquire(['address 1', 'user 1']);
    expect(places.acquire(['address 1', 'user 2'])).toBeUndefined();
    expect(places.acquire(['address 2', 'user 1'])).toBeUndefined();
    expect(places.acquire(['address 2', 'user 2'])).toBeDefined();
  });

  it('come back once, however often they are given back', () => {
    const places = new Places({ total: 2, perKey: 2 });
    const release = places.acquire(['a']);
    places.acquire(['a']);
    release?.();
    release?.();
    expect(places.open).toBe(1);
    expect(places.acquire(['a'])).toBeDefined();
    expect(places.acquire(['a'])).toBeUndefined();
  });
});
