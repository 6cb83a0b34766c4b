/**
 * Where the images of findings lie in the patient: the metadata of exactly the images that are referred to, with the caller's own
 * credentials, and only where they are of the patient.
 * @module
 */
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions } from '../../dicomweb/index.ts';
import { isSamepointError } from '../../errors/index.ts';
import { imagePlaneOrReason } from '../../findings/index.ts';
import type { FindingImage, ImagePlane, PlaneOf } from '../../findings/index.ts';
import type { Logger, PatientIdentity } from '../../access/index.ts';
import { assertMetadataIdentity } from '../../access/index.ts';
import { sideBySide, TolerantRequests } from '../../pacsObjects/index.ts';

/** Images of one answer whose metadata are requested. */
const MAX_IMAGES = 2_000;

const MISSING = 'the PACS does not give out its image';
const FOREIGN = 'its image is of another patient, study or series';
const TOO_MANY = 'the findings refer to too many images';

/** Whose study it is. */
interface Owner {
  readonly studyInstanceUid: string;
  readonly patient: PatientIdentity;
}

/** Requests the metadata of the images, each once. @throws SamepointError where the caller must log in or the PACS is gone */
export async function planesOf(
  images: readonly FindingImage[],
  owner: Owner,
  { source, logger }: { readonly source: DicomwebSource; readonly logger: Logger },
  options: RequestOptions,
): Promise<PlaneOf> {
  const wanted = framesByInstance(images);
  const planes = new Map<string, ImagePlane | string>();
  const requests = new TolerantRequests(logger);
  await sideBySide(wanted.slice(0, MAX_IMAGES), async ([image, ...frames]) => {
    const found = await requests.retrieve(() =>
      source.retrieveInstanceMetadata(image, image.sopInstanceUid, options),
    );
    const metadata = found === undefined ? MISSING : owned(found, image, owner);
    for (const frame of [image, ...frames])
      planes.set(
        keyOf(frame),
        typeof metadata === 'string' ? metadata : imagePlaneOrReason(metadata, frame.frameNumber),
      );
  });
  return (image) => planes.get(keyOf(image)) ?? TOO_MANY;
}

/** The frames that are referred to, each once, instance by instance. */
function framesByInstance(
  images: readonly FindingImage[],
): readonly (readonly [FindingImage, ...FindingImage[]])[] {
  const instances = new Map<string, [FindingImage, ...FindingImage[]]>();
  const known = new Set<string>();
  for (const image of images) {
    if (known.has(keyOf(image))) continue;
    known.add(keyOf(image));
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = image;
    const instance = [studyInstanceUid, seriesInstanceUid, sopInstanceUid].join(' ');
    const frames = instances.get(instance);
    if (frames === undefined) instances.set(instance, [image]);
    else frames.push(image);
  }
  return [...instances.values()];
}

/** Metadata, or why they may not be used. Of another study, where no patient is named, nothing says whose it is. */
function owned(
  metadata: DicomJson,
  image: FindingImage,
  { studyInstanceUid, patient }: Owner,
): DicomJson | string {
  const { seriesInstanceUid } = image;
  if (patient.patientId === undefined && image.studyInstanceUid !== studyInstanceUid) return FOREIGN;
  const series = { studyInstanceUid: image.studyInstanceUid, seriesInstanceUid };
  try {
    assertMetadataIdentity(metadata, { series, sopInstanceUids: [], patient });
    return metadata;
  } catch (error) {
    if (isSamepointError(error, 'application/identity-mismatch')) return FOREIGN;
    throw error;
  }
}

function keyOf({ studyInstanceUid, seriesInstanceUid, sopInstanceUid, frameNumber }: FindingImage): string {
  return [studyInstanceUid, seriesInstanceUid, sopInstanceUid, frameNumber ?? ''].join(' ');
}
