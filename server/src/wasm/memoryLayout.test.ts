import fc from 'fast-check';
import { aligned, MemoryLayout, pagesOf } from './memoryLayout.ts';

const bytes = fc.integer({ min: 0, max: 200_000 });

describe('aligned', () => {
  it('is the next address that a vector may be loaded from', () => {
    fc.assert(
      fc.property(bytes, (length) => {
        expect(aligned(length) % 16).toBe(0);
        expect(aligned(length) - length).toBeGreaterThanOrEqual(0);
        expect(aligned(length) - length).toBeLessThan(16);
      }),
    );
  });
});

describe('pagesOf', () => {
  it.each([
    [0, 0],
    [1, 1],
    [65_536, 1],
    [65_537, 2],
  ])('holds %d bytes in %d pages', (length, pages) => {
    expect(pagesOf(length)).toBe(pages);
  });
});

describe('MemoryLayout', () => {
  const layouts = fc.tuple(fc.array(bytes, { minLength: 1, maxLength: 12 }), fc.constantFrom(0, 16, 32));

  it('gives arrays that lie apart, slack included, and a memory that holds all of them', () => {
    fc.assert(
      fc.property(layouts, ([lengths, slack]) => {
        const layout = new MemoryLayout(slack);
        const places = lengths.map((length) => ({ at: layout.reserve(length), length }));
        const { buffer } = layout.memory();
        let end = 0;
        for (const { at, length } of places) {
          expect(at % 16).toBe(0);
          expect(at).toBeGreaterThanOrEqual(end);
          end = at + length + slack;
        }
        expect(buffer.byteLength).toBeGreaterThanOrEqual(end);
        expect(buffer.byteLength - aligned(end)).toBeLessThan(65_536);
      }),
    );
  });

  it('begins with zeros', () => {
    const layout = new MemoryLayout(0);
    layout.reserve(100_000);
    expect(new Uint8Array(layout.memory().buffer).every((byte) => byte === 0)).toBe(true);
  });

  it('makes a memory of its own each time', () => {
    const layout = new MemoryLayout(0);
    layout.reserve(16);
    const [one, other] = [layout.memory(), layout.memory()];
    new Uint8Array(one.buffer)[0] = 1;
    expect(new Uint8Array(other.buffer)[0]).toBe(0);
  });
});
