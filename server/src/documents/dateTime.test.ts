import fc from 'fast-check';
import { dicomDateTime, parseDateTime } from './dateTime.ts';

describe('DICOM date and time', () => {
  it('writes a moment in the time zone of the study, over midnight too', () => {
    expect(dicomDateTime(new Date('2026-01-01T03:04:05.006Z'), '-0530')).toEqual({
      date: '20251231',
      time: '213405.006',
      dateTime: '20251231213405.006000-0530',
    });
  });

  it('uses the local time of the machine where the study names no zone', () => {
    const moment = new Date(2026, 6, 8, 9, 10, 11, 12);
    expect(dicomDateTime(moment, undefined)).toMatchObject({ date: '20260708', time: '091011.012' });
    expect(dicomDateTime(moment, 'CET').dateTime).toBe(dicomDateTime(moment, undefined).dateTime);
  });

  it('reads back the same moment', () => {
    const moments = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('2199-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, fc.constantFrom('+0000', '+1400', '-0330', undefined), (moment, zone) => {
        expect(parseDateTime(dicomDateTime(moment, zone).dateTime)).toEqual(moment);
      }),
    );
  });

  it('reads nothing from a time without a zone', () => {
    expect(parseDateTime('20260101120000')).toBeUndefined();
    expect(parseDateTime('')).toBeUndefined();
  });
});
