/**
 * The files of a registration, as `samepoint register` writes them.
 * @module
 */
import type { SMALL_OUTPUTS } from '../apiSchemas/index.ts';
import type { PairRegistration, WarpedSeries } from '../application/index.ts';
import {
  fieldFile,
  instanceWriter,
  itkTransform,
  matrixOf,
  niftiOf,
  registeredDescription,
  reportOf,
  sourceSlices,
} from '../warp/index.ts';

/** Separates the instances of a series; no byte sequence of an image is likely to hold it. */
const BOUNDARY = 'samepoint-registered-5f1d9c2e7a';
/** As WADO-RS sends instances (PS3.18 8.7.3). */
export const DICOM_MEDIA_TYPE = `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`;

/** One file. */
export interface RegistrationFile {
  readonly name: string;
  readonly mediaType: string;
  readonly parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A file that needs no voxels. */
export function fileOf(
  output: (typeof SMALL_OUTPUTS)[number],
  { registration, fixed, moving, model, modelVersion, warnings }: PairRegistration,
  version: string,
): RegistrationFile {
  const { field, inverse } = registration;
  const files: Readonly<Record<typeof output, () => RegistrationFile>> = {
    report: () => {
      const reported = {
        query: { volume: fixed },
        target: { volume: moving },
        model: { id: model, version: modelVersion },
        warnings,
      };
      return jsonFile('report.json', reportOf(registration, reported, version));
    },
    matrix: () =>
      jsonFile('affine.json', {
        fixedFrameOfReferenceUid: fixed.frameOfReferenceUid,
        movingFrameOfReferenceUid: moving.frameOfReferenceUid,
        matrix: matrixOf(field.affine),
      }),
    transform: () => ({
      name: 'affine.tfm',
      mediaType: 'text/plain',
      parts: [Buffer.from(itkTransform(field.affine))],
    }),
    field: () => gzipFile('field.nii.gz', fieldFile(field, 'LPS mm, fixed to moving')),
    inverse: () => gzipFile('inverse-field.nii.gz', fieldFile(inverse, 'LPS mm, moving to fixed')),
  };
  return files[output]();
}

function jsonFile(name: string, value: object): RegistrationFile {
  return { name, mediaType: 'application/json', parts: [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)] };
}

function gzipFile(name: string, parts: readonly Uint8Array[]): RegistrationFile {
  return { name, mediaType: 'application/gzip', parts };
}

/** A warped series to be sent. */
export interface SentSeries {
  readonly made: PairRegistration;
  readonly warped: WarpedSeries;
  readonly version: string;
}

/** The parts of a .nii file. */
export function niftiParts({ made, warped }: Pick<SentSeries, 'made' | 'warped'>): AsyncIterable<Uint8Array> {
  return niftiOf(made.fixed, warped.moving, warped.slices);
}

/**
 * A derived series, an instance per part.
 * @throws SamepointError register/other-patient, register/other-image
 */
export function dicomParts({
  made,
  warped,
  version,
  headers,
}: SentSeries & {
  readonly headers: Awaited<ReturnType<WarpedSeries['headers']>>;
}): AsyncIterable<Uint8Array> {
  const { fixed, registration } = made;
  const { moving } = warped;
  const series = {
    ...registeredDescription(registration.stage, version),
    ...headers,
    fixed,
    moving,
    sourcesOf: sourceSlices(fixed, moving, registration.field),
    softwareVersion: version,
    now: new Date(),
  };
  return multipart(warped.slices, instanceWriter(series));
}

async function* multipart(
  slices: WarpedSeries['slices'],
  write: (values: Int16Array) => Uint8Array,
): AsyncGenerator<Uint8Array, void> {
  for await (const slice of slices) {
    yield Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`);
    yield write(slice instanceof Int16Array ? slice : Int16Array.from(slice, Math.round));
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${BOUNDARY}--\r\n`);
}
