import { spec } from './spec.ts';

/** Errors of volume/: turning the instances of a series into one volume. */
export const volumeErrors = {
  'volume/empty-series': spec<{ seriesInstanceUid: string }>({
    status: 422,
    summary: 'The series holds no image.',
    remedy: 'Choose a series with images.',
    message: () => 'the series holds no image',
  }),
} as const;
