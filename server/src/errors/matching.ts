import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of matching/: points and embedding pairs that cannot be matched. */
export const matchingErrors = {
  'matching/outside-volume': spec<{ point: readonly number[]; outsideMm: number }>({
    status: 422,
    summary: 'A query point lies outside the volume of the query series.',
    remedy: 'Click inside the image.',
    message: ({ point, outsideMm }) =>
      `point [${point.join(', ')}] (LPS, mm) lies ${outsideMm.toFixed(1)} mm outside the query volume`,
  }),
  'matching/outside-body': spec<{ point: readonly number[] }>({
    status: 422,
    summary:
      'A query point lies in the air around the patient, on the table, or where the model saw nothing.',
    remedy: 'Click inside the body.',
    message: ({ point }) => `point [${point.join(', ')}] (LPS, mm) lies outside the body`,
  }),
  'matching/not-a-point': spec<{ received: readonly string[] }>({
    status: 400,
    summary: 'A query point is not three finite numbers.',
    remedy: 'Send x, y and z in mm in the patient coordinate system (LPS).',
    message: ({ received }) =>
      `a point needs three finite numbers (LPS, mm), received [${received.join(', ')}]`,
  }),
  'matching/not-axes': spec<{ point: readonly number[] }>({
    status: 400,
    summary: 'The diameters of a query point have no length, or lie far from the point.',
    remedy: 'Send both ends of each diameter in mm in the patient coordinate system (LPS), or no diameters.',
    message: ({ point }) =>
      `the diameters of point [${point.join(', ')}] (LPS, mm) are no diameters of a lesion at it`,
  }),
  'matching/other-frame-of-reference': spec<NoFields>({
    status: 422,
    summary: 'A query point names another frame of reference than the query series has.',
    remedy: 'Send the point in the frame of reference of the series on which it was placed.',
    message: () => 'the point belongs to another frame of reference than the query series',
  }),
  'matching/unknown-method': spec<{ method: string; available: readonly string[] }>({
    status: 400,
    summary: 'The requested matching method does not exist.',
    remedy: 'Choose one of the named methods, or omit the method.',
    message: ({ method, available }) =>
      `there is no matching method "${method}"; available: ${available.join(', ')}`,
  }),
  'matching/different-models': spec<{ queryModel: string; targetModel: string }>({
    status: 409,
    summary: 'The embeddings of the two series come from different models and cannot be compared.',
    remedy: 'Embed both series with the same model.',
    message: ({ queryModel, targetModel }) =>
      `the query series was embedded with "${queryModel}", the target series with "${targetModel}"`,
  }),
  'matching/different-maps': spec<{ queryMaps: readonly string[]; targetMaps: readonly string[] }>({
    status: 500,
    summary: 'Two embeddings of one model have different maps: one of them is damaged or of another version.',
    remedy: 'Delete the embedding cache (embedding.cacheDirectory) and try again.',
    message: ({ queryMaps, targetMaps }) =>
      `the query embedding has maps ${queryMaps.join(', ')}, the target embedding ${targetMaps.join(', ')}`,
  }),
  'matching/no-fine-map': spec<{ model: string }>({
    status: 500,
    summary: 'An embedding has no map of role "fine", in which answers are searched.',
    remedy: 'Use a model whose description names a fine output.',
    message: ({ model }) => `the embedding of model "${model}" has no fine map`,
  }),
  'matching/no-body': spec<NoFields>({
    status: 422,
    summary: 'No part of a body was found in a series, so that it cannot hold an answer.',
    remedy: 'Choose a series that shows the patient.',
    message: () => 'no part of a body was found in the series',
  }),
  'matching/no-common-region': spec<NoFields>({
    status: 422,
    summary: 'The two series show no part of the body in common, so that there is no map from one to the other.',
    remedy: 'Choose two series of the same part of the body.',
    message: () => 'no map leads from the query series to the target series: they show no common part of the body',
  }),
  'matching/mirrored-pair': spec<NoFields>({
    status: 422,
    summary:
      'One of the two series looks like the mirror image of the other: left and right are wrong in one of them, and no map is given.',
    remedy: 'Have the orientation of both scans checked. Single points can still be matched; they are uncertain.',
    message: () => 'one of the two series looks like the mirror image of the other: left and right are wrong in one',
  }),
} as const;
