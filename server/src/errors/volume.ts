import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** How many UIDs or values a message lists before it only counts the rest. */
const LISTED = 4;

function list(values: readonly (string | number)[]): string {
  const rest = values.length - LISTED;
  return values.slice(0, LISTED).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}

function mm(value: number): string {
  return `${value.toFixed(2)} mm`;
}

/** Names one frame in a message; 0 stands for "the only frame". */
function frame(sopInstanceUid: string, frameNumber: number): string {
  return frameNumber > 0 ? `frame ${String(frameNumber)} of ${sopInstanceUid}` : sopInstanceUid;
}

const CHOOSE_OTHER = 'Choose another series of this examination.';
const RESEND = 'Send the series to the PACS again from its source, then try again.';

/** Errors of volume/: what was sent cannot be read as DICOM or NIfTI. */
const unreadable = {
  'volume/empty-series': spec<NoFields>({
    status: 422,
    summary: 'The series holds no instance at all.',
    remedy: 'Choose a series with images.',
    message: () => 'the series holds no instance',
  }),
  'volume/not-dicom': spec<{ instance: number; reason: string }>({
    status: 422,
    summary: 'An instance is not a readable DICOM Part 10 file (truncated, or something else).',
    remedy: RESEND,
    message: ({ instance, reason }) =>
      `instance ${instance} of the stream is not a readable DICOM file: ${reason}`,
  }),
  'volume/unreadable-instance': spec<{ instance: number; reason: string }>({
    status: 422,
    summary: 'Reading an instance needed too much time or memory: damaged pixel data, or made to do harm.',
    remedy: RESEND,
    message: ({ instance, reason }) => `instance ${instance} of the stream cannot be read: ${reason}`,
  }),
  'volume/missing-attribute': spec<{ attribute: string; tag: string; sopInstanceUid: string }>({
    status: 422,
    summary: 'An image lacks an attribute that its place, size or values depend on.',
    remedy: 'Correct the attribute at the source of the series, or choose another series.',
    message: ({ attribute, tag, sopInstanceUid }) => `${attribute} ${tag} is missing in ${sopInstanceUid}`,
  }),
  'volume/invalid-attribute': spec<{
    attribute: string;
    value: string;
    rule: string;
    sopInstanceUid: string;
  }>({
    status: 422,
    summary: 'An attribute of an image has an invalid value.',
    remedy: 'Correct the attribute at the source of the series, or choose another series.',
    message: ({ attribute, value, rule, sopInstanceUid }) =>
      `${attribute} is "${value}" in ${sopInstanceUid}, but ${rule}`,
  }),
  'volume/unsupported-transfer-syntax': spec<{ transferSyntaxUid: string; name: string }>({
    status: 422,
    summary: 'The pixel data is compressed in a way that Samepoint does not decode.',
    remedy:
      'Have the PACS keep or send the series in one of the transfer syntaxes that docs/volumes.md lists.',
    message: ({ transferSyntaxUid, name }) =>
      `transfer syntax ${transferSyntaxUid} (${name}) is not supported`,
  }),
  'volume/corrupt-pixel-data': spec<{ sopInstanceUid: string; frameNumber: number; reason: string }>({
    status: 422,
    summary: 'The pixel data of an image is damaged, cut off, or contradicts its header.',
    remedy: RESEND,
    message: ({ sopInstanceUid, frameNumber, reason }) =>
      `pixel data of ${frame(sopInstanceUid, frameNumber)} cannot be decoded: ${reason}`,
  }),
  'volume/unsupported-pixel-format': spec<{ found: string; sopInstanceUid: string }>({
    status: 422,
    summary:
      'Pixels are stored in a form that CT, MR and PET images do not use (1 or 32 bits, floating point, a Modality LUT).',
    remedy: CHOOSE_OTHER,
    message: ({ found, sopInstanceUid }) =>
      `${sopInstanceUid} has ${found}; supported are integers in 8 or 16 bits allocated, with Rescale Slope and Intercept`,
  }),
  'volume/invalid-nifti': spec<{ reason: string }>({
    status: 422,
    summary: 'A file is not a readable NIfTI-1 volume, or a kind of it that is not supported.',
    remedy: 'Give a single-volume NIfTI-1 file (.nii or .nii.gz) with a qform or sform in mm.',
    message: ({ reason }) => `the NIfTI file cannot be read: ${reason}`,
  }),
} as const;

/** Errors of volume/: the series is readable, but of the wrong kind. */
const wrongKind = {
  'volume/unsupported-modality': spec<{ modality: string }>({
    status: 422,
    summary: 'The series is neither CT nor MR nor PET.',
    remedy: 'Choose a CT, MR or PET series.',
    message: ({ modality }) => `modality ${modality} is not supported; supported are CT, MR and PT`,
  }),
  'volume/no-volume-images': spec<{ found: readonly string[] }>({
    status: 422,
    summary:
      'The series holds instances, but none of them is a slice of a volume (only localizers, reports, …).',
    remedy: 'Choose a series with axial, coronal or sagittal slices.',
    message: ({ found }) => `the series holds no slice of a CT, MR or PET volume, only ${found.join(', ')}`,
  }),
  'volume/colour-image': spec<{
    photometricInterpretation: string;
    samplesPerPixel: number;
    sopInstanceUid: string;
  }>({
    status: 422,
    summary: 'The images are in colour (a screenshot, a fused or rendered image), not modality values.',
    remedy: 'Choose the original series instead of the rendered one.',
    message: ({ photometricInterpretation, samplesPerPixel, sopInstanceUid }) =>
      `${sopInstanceUid} is a colour image (${photometricInterpretation}, ${samplesPerPixel} samples per pixel)`,
  }),
  'volume/not-hounsfield': spec<{ found: string }>({
    status: 422,
    summary:
      'The values of a CT series are not in Hounsfield units: another Rescale Type, a lost Rescale Intercept, or clipped values.',
    remedy:
      'Choose a reconstruction of this examination in HU. If it should be in HU, have Rescale Intercept, Slope and Type corrected at its source.',
    message: ({ found }) => `the values of this CT series are not in Hounsfield units (HU): ${found}`,
  }),
  'volume/single-slice': spec<NoFields>({
    status: 422,
    summary: 'The series has one slice: that is no volume.',
    remedy: CHOOSE_OTHER,
    message: () => 'the series has a single slice; a volume needs more',
  }),
  'volume/too-few-slices': spec<{ found: number; needed: number }>({
    status: 422,
    summary: 'The series has more than one slice, but too few for a volume.',
    remedy: CHOOSE_OTHER,
    message: ({ found, needed }) => `the series has ${found} slices; a volume needs at least ${needed}`,
  }),
  'volume/too-large': spec<{ voxels: number; limit: number }>({
    status: 413,
    summary: 'The series has more voxels than the server may hold in memory.',
    remedy: 'Choose a reconstruction with thicker slices or fewer pixels.',
    message: ({ voxels, limit }) => `the series has at least ${voxels} voxels; the limit is ${limit}`,
  }),
  'volume/frame-too-large': spec<{ columns: number; rows: number; limit: number }>({
    status: 413,
    summary: 'An image has more pixels than any CT, MR or PET image.',
    remedy: CHOOSE_OTHER,
    message: ({ columns, rows, limit }) =>
      `an image has ${columns} x ${rows} pixels; the limit is ${limit} pixels`,
  }),
  'volume/too-many-slices': spec<{ slices: number; limit: number }>({
    status: 413,
    summary: 'The series has more slices than the server reads.',
    remedy: 'Choose a reconstruction with thicker slices, or a shorter one.',
    message: ({ slices, limit }) => `the series has at least ${slices} slices; the limit is ${limit}`,
  }),
} as const;

/** Errors of volume/: the slices do not form one regular volume. */
const inconsistent = {
  'volume/mixed-series': spec<{ attribute: string; values: readonly string[] }>({
    status: 422,
    summary: 'Instances of different studies, series or modalities came as one series.',
    remedy: RESEND,
    message: ({ attribute, values }) => `the instances have different ${attribute}: ${list(values)}`,
  }),
  'volume/mixed-patients': spec<NoFields>({
    status: 422,
    summary: 'Instances of different patients came as one series (PatientID or IssuerOfPatientID differ).',
    remedy: 'Do not use the series; inform the administrator of the PACS that it mixes patients.',
    message: () => 'the images of the series belong to different patients',
  }),
  'volume/mixed-frame-of-reference': spec<{ frameOfReferenceUids: readonly string[] }>({
    status: 422,
    summary: 'The slices are in different frames of reference, so their places cannot be compared.',
    remedy: CHOOSE_OTHER,
    message: ({ frameOfReferenceUids }) =>
      `the slices have ${frameOfReferenceUids.length} frames of reference: ${list(frameOfReferenceUids)}`,
  }),
  'volume/mixed-orientation': spec<{ angleDegrees: number; sopInstanceUid: string; orientations: number }>({
    status: 422,
    summary: 'The slices are not parallel (a localizer, a radial series, or several stacks in one series).',
    remedy: CHOOSE_OTHER,
    message: ({ angleDegrees, sopInstanceUid, orientations }) =>
      `the series has ${orientations} orientations; ${sopInstanceUid} is turned by ${angleDegrees.toFixed(2)} degrees`,
  }),
  'volume/mixed-matrix': spec<{ sizes: readonly string[] }>({
    status: 422,
    summary: 'The slices have different numbers of rows or columns.',
    remedy: CHOOSE_OTHER,
    message: ({ sizes }) => `the slices have different sizes (columns x rows): ${list(sizes)}`,
  }),
  'volume/mixed-pixel-spacing': spec<{ spacings: readonly string[] }>({
    status: 422,
    summary: 'The slices have different pixel spacings.',
    remedy: CHOOSE_OTHER,
    message: ({ spacings }) =>
      `the slices have different pixel spacings (row, column, mm): ${list(spacings)}`,
  }),
  'volume/several-volumes': spec<{ attribute: string; values: readonly string[] }>({
    status: 422,
    summary:
      'A multi-frame instance holds several volumes (stacks, time points, echoes, diffusion weightings).',
    remedy: 'Choose a series with a single volume, or have the source split the instance.',
    message: ({ attribute, values }) =>
      `the instance holds several volumes: ${attribute} has ${values.length} values (${list(values)})`,
  }),
  'volume/conflicting-slices': spec<{
    positions: number;
    slices: number;
    firstPositionMm: number;
    differing: readonly string[];
    sopInstanceUids: readonly string[];
  }>({
    status: 422,
    summary: 'Different images lie at the same place (several phases, echoes or time points in one series).',
    remedy: 'Choose a series with a single phase, or have the source split the series.',
    message: ({ positions, slices, firstPositionMm, differing, sopInstanceUids }) =>
      `${slices} slices share ${positions} positions with different content, first at ${mm(firstPositionMm)} along ` +
      `the normal (${list(sopInstanceUids)})${differing.length > 0 ? `; they differ in ${differing.join(', ')}` : ''}`,
  }),
  'volume/missing-slices': spec<{
    missing: number;
    present: number;
    largestGapMm: number;
    spacingMm: number;
    gapAtMm: number;
  }>({
    status: 422,
    summary: 'Slices are missing, and the gap is too wide to be bridged.',
    remedy: RESEND,
    message: ({ missing, present, largestGapMm, spacingMm, gapAtMm }) =>
      `${missing} slices are missing beside ${present} present ones; the widest gap is ${mm(largestGapMm)} at ` +
      `${mm(gapAtMm)} along the normal, where neighbours are ${mm(spacingMm)} apart`,
  }),
  'volume/irregular-spacing': spec<{ smallestMm: number; medianMm: number; largestMm: number }>({
    status: 422,
    summary: 'The distances between the slices vary too much for one volume.',
    remedy: CHOOSE_OTHER,
    message: ({ smallestMm, medianMm, largestMm }) =>
      `the distance between slices varies from ${mm(smallestMm)} to ${mm(largestMm)} (median ${mm(medianMm)})`,
  }),
  'volume/misaligned-slices': spec<{ offsetMm: number; limitMm: number; sopInstanceUid: string }>({
    status: 422,
    summary: 'Slices are shifted sideways against each other.',
    remedy: CHOOSE_OTHER,
    message: ({ offsetMm, limitMm, sopInstanceUid }) =>
      `${sopInstanceUid} lies ${mm(offsetMm)} beside the line through the other slices; the limit is ${mm(limitMm)}`,
  }),
} as const;

/** Errors of volume/: turning the instances of a series into one volume. docs/volumes.md says what is decided when. */
export const volumeErrors = { ...unreadable, ...wrongKind, ...inconsistent } as const;
