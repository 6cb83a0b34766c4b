import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of points/ and landmarks/: files of points, and templates. */
export const landmarksErrors = {
  'points/unreadable': spec<{ file: string; reason: string }>({
    status: 400,
    summary: 'A file of points cannot be read.',
    remedy:
      'Give a CSV with the columns name, x, y, z (patient LPS, mm), markups of 3D Slicer (.mrk.json), DICOM Spatial Fiducials, or an SR of Samepoint.',
    message: ({ file, reason }) => `${file}: ${reason}`,
  }),
  'landmarks/unreadable-template': spec<{ reason: string }>({
    status: 400,
    summary: 'A landmark template is damaged, or is none.',
    remedy: 'Make the template again with "samepoint landmarks make" or POST /landmark-templates.',
    message: ({ reason }) => `the landmark template cannot be read: ${reason}`,
  }),
  'landmarks/other-model': spec<{ template: string; model: string }>({
    status: 422,
    summary: 'A landmark template was made with another model, or another version of it.',
    remedy: 'Use the model of the template, or make the template again with this one.',
    message: ({ template, model }) =>
      `the landmark template is of the model ${template}; its vectors cannot be compared with those of ${model}`,
  }),
  'landmarks/not-embedded': spec<{ seriesInstanceUid: string }>({
    status: 409,
    summary: 'Landmarks were requested of a series that is not embedded.',
    remedy:
      'Have the series embedded first, with POST /series-embeddings, and send the request again when that is done.',
    message: () => 'the series is not embedded',
  }),
  'landmarks/no-agreement': spec<NoFields>({
    status: 422,
    summary:
      'The matches of a landmark template and a series agree on no map: they show other parts of the body, or too different ones.',
    remedy: 'Use a template of the same part of the body, made of a scan like this one.',
    message: () => 'the template and the series have too little in common to place the landmark',
  }),
  'landmarks/too-large': spec<{ megabytes: number; limit: number }>({
    status: 422,
    summary: 'The landmarks of a template lie too far apart for one template.',
    remedy: 'Make one template for each region.',
    message: ({ megabytes, limit }) =>
      `the box around the landmarks needs ${String(megabytes)} MiB of vectors, more than ${String(limit)} MiB`,
  }),
};
