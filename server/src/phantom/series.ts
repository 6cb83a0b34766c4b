import dcmjs from 'dcmjs';
import { axisStep, spacingOf, toLps, voxelIndex } from '../geometry/index.ts';
import type { Volume } from '../volume/types.ts';

/** What a series says about patient and study beside its geometry. */
export interface SeriesTags {
  readonly patientId: string;
  /** DICOM PN, e.g. "Phantom^Samepoint". */
  readonly patientName: string;
  readonly patientSex?: 'M' | 'F' | 'O';
  /** DICOM DA. */
  readonly patientBirthDate?: string;
  /** DICOM DA and TM. */
  readonly studyDate: string;
  readonly studyTime: string;
  readonly studyDescription: string;
  readonly seriesDescription: string;
  readonly seriesNumber?: number;
  /** Defined term of PS3.16 annex L; the whole trunk where it is not given. */
  readonly bodyPartExamined?: string;
}

type Dataset = Record<string, unknown>;

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
/** Samepoint's own implementation class UID, of the UUID form (PS3.7 D.3.3.2). */
const IMPLEMENTATION_CLASS_UID = '2.25.247473229674080822894235156604918950774';
/** Decimal strings have at most 16 characters (PS3.5 6.2); a direction cosine needs a sign, "0." and ten digits. */
const DECIMALS = 10;

/** A number as a decimal string of at most 16 characters. */
function ds(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) >= 1000 ? DECIMALS - 3 : DECIMALS)));
}

function normalised([x, y, z]: readonly [number, number, number]): readonly number[] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

/** Patient, study, series and equipment: the same in every instance. */
function commonAttributes(volume: Volume, tags: SeriesTags): Dataset {
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    Modality: volume.modality,
    Manufacturer: 'Samepoint',
    ManufacturerModelName: 'Samepoint phantom',
    SoftwareVersions: '0.1.0',
    DeviceSerialNumber: '1',
    PatientName: tags.patientName,
    PatientID: tags.patientId,
    PatientBirthDate: tags.patientBirthDate ?? '',
    PatientSex: tags.patientSex ?? 'O',
    StudyInstanceUID: volume.studyInstanceUid,
    SeriesInstanceUID: volume.seriesInstanceUid,
    FrameOfReferenceUID: volume.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    StudyID: '1',
    StudyDate: tags.studyDate,
    StudyTime: tags.studyTime,
    StudyDescription: tags.studyDescription,
    AccessionNumber: '',
    ReferringPhysicianName: '',
    SeriesDescription: tags.seriesDescription,
    SeriesNumber: tags.seriesNumber ?? 1,
    SeriesDate: tags.studyDate,
    SeriesTime: tags.studyTime,
    PatientPosition: 'HFS',
    BodyPartExamined: tags.bodyPartExamined ?? 'CHESTABDPELVIS',
  };
}

/** CT image module (PS3.3 C.8.2.1) and image pixel module, without the pixels. */
function imageAttributes(volume: Volume, tags: SeriesTags): Dataset {
  const [columns, rows] = volume.dims;
  const [pixelX, pixelY, sliceMm] = spacingOf(volume.voxelToLps);
  return {
    SOPClassUID: volume.slices[0]?.sopClassUid,
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    AcquisitionNumber: 1,
    AcquisitionDate: tags.studyDate,
    AcquisitionTime: tags.studyTime,
    ContentDate: tags.studyDate,
    ContentTime: tags.studyTime,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    RescaleIntercept: '0',
    RescaleSlope: '1',
    RescaleType: 'HU',
    WindowCenter: '40',
    WindowWidth: '400',
    KVP: '120',
    PixelSpacing: [ds(pixelY), ds(pixelX)],
    SliceThickness: ds(sliceMm),
    SpacingBetweenSlices: ds(sliceMm),
    ImageOrientationPatient: [
      ...normalised(axisStep(volume.voxelToLps, 0)),
      ...normalised(axisStep(volume.voxelToLps, 1)),
    ].map(ds),
  };
}

/** Pixels of slice k as 16-bit little-endian bytes. */
function pixelBytes(volume: Volume, k: number): ArrayBuffer {
  const [columns, rows] = volume.dims;
  const view = new DataView(new ArrayBuffer(2 * columns * rows));
  const first = k * columns * rows;
  for (let i = 0; i < columns * rows; i++) {
    view.setInt16(2 * i, Math.round(volume.data[first + i] ?? NaN), true);
  }
  return view.buffer;
}

function part10(dataset: Dataset): Uint8Array {
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const meta = DicomMetaDictionary.denaturalizeDataset({
    FileMetaInformationVersion: new Uint8Array([0, 1]).buffer,
    MediaStorageSOPClassUID: dataset['SOPClassUID'],
    MediaStorageSOPInstanceUID: dataset['SOPInstanceUID'],
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION_CLASS_UID,
  });
  const file = new DicomDict(meta);
  file.dict = DicomMetaDictionary.denaturalizeDataset(dataset);
  return new Uint8Array(file.write());
}

/**
 * Writes a CT volume as CT Image Storage instances (PS3.3 A.3): DICOM Part 10, Explicit VR Little Endian, one slice at a
 * time, in the order of k. UIDs and geometry come from the volume; HU are stored unscaled (slope 1, intercept 0).
 * @param volume Values from -32768 to 32767, rounded to integers.
 */
export function* writeSeries(volume: Volume, tags: SeriesTags): Generator<Uint8Array, void, undefined> {
  const shared = { ...commonAttributes(volume, tags), ...imageAttributes(volume, tags) };
  for (const [k, slice] of volume.slices.entries()) {
    const position = toLps(volume.voxelToLps, voxelIndex(0, 0, k));
    yield part10({
      ...shared,
      SOPInstanceUID: slice.sopInstanceUid,
      InstanceNumber: k + 1,
      ImagePositionPatient: position.map(ds),
      PixelData: pixelBytes(volume, k),
      _vrMap: { PixelData: 'OW' },
    });
  }
}
