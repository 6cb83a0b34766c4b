import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of warp/ and of the commands that use it: pairs that cannot be registered, and results that cannot be written. */
export const registerErrors = {
  'register/no-overlap': spec<{ kept: number }>({
    status: 422,
    summary: 'The two series agree on no map: they show no common part of a body, or different patients.',
    remedy: 'Choose two series that show the same part of the same patient.',
    message: ({ kept }) =>
      `the two series have no common part that can be registered: ${kept} matching points agree on a map`,
  }),
  'register/mirrored': spec<NoFields>({
    status: 422,
    summary: 'One of the two series is the mirror image of the other.',
    remedy: 'Correct the orientation of the series that is wrong: left and right are exchanged in it.',
    message: () => 'one series looks like the mirror image of the other; it is not registered',
  }),
  'register/other-modality': spec<{ fixed: string; moving: string }>({
    status: 422,
    summary: 'Two series of different modalities cannot be subtracted.',
    remedy: 'Choose two series of the same modality.',
    message: ({ fixed, moving }) => `a difference of ${fixed} and ${moving} means nothing`,
  }),
  'register/other-patient': spec<NoFields>({
    status: 422,
    summary: 'The two series name different patients.',
    remedy: 'Choose two series of one patient; a derived series carries the patient of its fixed series.',
    message: () => 'the two series name different patients; no series is derived of both',
  }),
  'register/needs-dicom': spec<{ input: string }>({
    status: 400,
    summary: 'A derived DICOM series was requested of a series that is not DICOM.',
    remedy: 'Give folders of DICOM files for both series, or omit --dicom.',
    message: ({ input }) =>
      `${input}: is no folder of DICOM files, so that no DICOM series can be derived of it`,
  }),
  'register/other-image': spec<{ modality: string }>({
    status: 422,
    summary: 'A derived DICOM series was requested of images that are neither CT nor MR.',
    remedy: 'Omit --dicom: the NIfTI file has the same voxels.',
    message: ({ modality }) => `no DICOM series is derived of images of the modality ${modality}`,
  }),
  'register/output-not-empty': spec<{ folder: string }>({
    status: 409,
    summary: 'The output folder exists and holds files, or is a file.',
    remedy: 'Name a new folder with --out, or empty this one.',
    message: ({ folder }) => `${folder}: exists and is not an empty folder; nothing was written`,
  }),
  'register/too-large': spec<{ neededMib: number; limitMib: number }>({
    status: 422,
    summary: 'The voxels of the two series need more memory than allowed.',
    remedy: 'Raise memory.maxBytes, or write no image: omit warped and --dicom.',
    message: ({ neededMib, limitMib }) =>
      `the voxels need ${neededMib} MiB; memory.maxBytes allows ${limitMib} MiB`,
  }),
} as const;
