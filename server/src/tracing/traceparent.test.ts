import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { contextOf, traceparentOf } from './traceparent.ts';

/** The example of W3C Trace Context 3.2.2. */
const EXAMPLE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((text) => /[^0]/u.test(text));

describe('the header of a span', () => {
  it('is read as the standard says', () => {
    expect(trace.getSpanContext(contextOf(EXAMPLE))).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    });
  });

  it('is the same after it was read and written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, traceFlags) => {
        const context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags });
        const header = traceparentOf(context);
        expect(trace.getSpanContext(contextOf(header))).toEqual({
          traceId,
          spanId,
          traceFlags,
          isRemote: true,
        });
      }),
    );
  });

  it.each([
    undefined,
    '',
    'a name',
    EXAMPLE.toUpperCase(),
    `${EXAMPLE}-more`,
    EXAMPLE.replace(/^00/u, 'ff'),
    EXAMPLE.replace(/-[0-9a-f]{32}-/u, `-${'0'.repeat(32)}-`),
  ])('that is none begins a trace of its own: %p', (header) => {
    expect(contextOf(header)).toBe(ROOT_CONTEXT);
  });

  it('is absent outside of a span', () => {
    expect(traceparentOf(ROOT_CONTEXT)).toBeUndefined();
  });
});
