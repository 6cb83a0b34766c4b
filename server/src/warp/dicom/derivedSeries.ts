/**
 * Derived image series (PS3.3 C.7.6.1.1.2, C.7.6.1.1.3): voxels on the grid of a series, as CT or MR Image Storage.
 * @module
 */
import dcmjs from 'dcmjs';
import { stringOf, stringsOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { axisStep, spacingOf, toLps, voxelIndex } from '../../geometry/index.ts';
import { dicomDateTime, IMPLEMENTATION_CLASS_UID, newUid, sharedAttributes } from '../../documents/index.ts';
import type { VolumeGeometry } from '../../volume/types.ts';

/** What was done to the images: codes of PS3.16 CID 7203. */
const DERIVATIONS = {
  deformed: ['125027', 'Deformed for Registration'],
  subtracted: ['113062', 'Pixel by pixel subtraction'],
} as const;
/** PS3.16 CID 7202. */
const SOURCE_PURPOSE = ['121322', 'Source image for image processing operation'] as const;
/** Classes whose images are derived, and the third value of their Image Type (PS3.3 C.8.2.1.1.1, C.8.3.1.1.1). */
const CLASSES: Readonly<Record<string, readonly [sopClass: string, imageType: string]>> = {
  CT: ['1.2.840.10008.5.1.4.1.1.2', 'AXIAL'],
  MR: ['1.2.840.10008.5.1.4.1.1.4', 'OTHER'],
};
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
/** Decimal strings have at most 16 characters (PS3.5 6.2): sign, three digits, point, nine digits; fewer after large numbers. */
const [DECIMALS, DECIMALS_OF_LARGE] = [9, 7] as const;
/** Behind the image series of a study and before its reports. */
const SERIES_NUMBER = '9800';

/** What is derived of two series. */
export interface DerivedSeries {
  /** Of an image of the fixed series, whose patient and study the derived one has. */
  readonly fixedHeader: DicomJson;
  readonly movingHeader: DicomJson;
  /** Grid, frame of reference and images of the fixed series. */
  readonly fixed: VolumeGeometry;
  readonly moving: VolumeGeometry;
  readonly derivations: readonly (keyof typeof DERIVATIONS)[];
  /** Fourth and later values of Image Type. */
  readonly imageType: readonly string[];
  readonly seriesDescription: string;
  /** In words: what was done to the images, by what. */
  readonly derivationDescription: string;
  /** Value of pixels that are none. */
  readonly padding?: number;
  readonly window: { readonly center: number; readonly width: number };
  /** Images of the moving series that slice k of the fixed grid is made of: first and last slice. */
  readonly sourcesOf: (k: number) => readonly [first: number, last: number];
  readonly softwareVersion: string;
  readonly now: Date;
}

type Natural = Record<string, unknown>;

/** @throws SamepointError register/other-patient, register/other-image */
function assertDerivable({ fixedHeader, movingHeader, fixed }: DerivedSeries): void {
  const patients = [fixedHeader, movingHeader].map((header) => stringOf(header, 'PatientID'));
  const issuers = [fixedHeader, movingHeader].flatMap((header) => stringsOf(header, 'IssuerOfPatientID'));
  if (patients[0] !== patients[1] || new Set(issuers).size > 1)
    throw new SamepointError('register/other-patient', {});
  if (CLASSES[fixed.modality] === undefined)
    throw new SamepointError('register/other-image', { modality: fixed.modality });
}

/**
 * Writes one instance per slice: Part 10, Explicit VR Little Endian, modality values in 16 signed bits, unscaled.
 * @param slices values of the slices of the fixed grid in their order
 * @throws SamepointError register/other-patient, register/other-image, report/unwritable-identifier
 */
export function* derivedInstances(
  series: DerivedSeries,
  slices: Iterable<Int16Array>,
): Generator<Uint8Array, void> {
  assertDerivable(series);
  const shared = seriesAttributes(series);
  const patient = sharedAttributes(series.fixedHeader);
  let k = 0;
  for (const values of slices) {
    const own = { ...shared, ...sliceAttributes(series, k, values), SOPInstanceUID: newUid() };
    yield part10(own, patient);
    k++;
  }
}

function part10(natural: Natural, patient: object): Uint8Array {
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const meta = DicomMetaDictionary.denaturalizeDataset({
    FileMetaInformationVersion: Uint8Array.of(0, 1).buffer,
    MediaStorageSOPClassUID: natural['SOPClassUID'],
    MediaStorageSOPInstanceUID: natural['SOPInstanceUID'],
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION_CLASS_UID,
    ImplementationVersionName: 'SAMEPOINT',
  });
  const file = new DicomDict(meta);
  file.dict = { ...patient, ...DicomMetaDictionary.denaturalizeDataset(natural) };
  return new Uint8Array(file.write());
}

/** The same in every instance. */
function seriesAttributes(series: DerivedSeries): Natural {
  const { fixedHeader, fixed, softwareVersion, now } = series;
  const [sopClass, third] = CLASSES[fixed.modality] ?? [];
  const { date, time } = dicomDateTime(now, stringOf(fixedHeader, 'TimezoneOffsetFromUTC'));
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    SOPClassUID: sopClass,
    StudyInstanceUID: fixed.studyInstanceUid,
    SeriesInstanceUID: newUid(),
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: series.seriesDescription,
    SeriesDate: date,
    SeriesTime: time,
    ContentDate: date,
    ContentTime: time,
    Modality: fixed.modality,
    Manufacturer: 'Samepoint',
    ManufacturerModelName: 'Samepoint',
    SoftwareVersions: softwareVersion,
    FrameOfReferenceUID: fixed.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    ImageType: ['DERIVED', 'SECONDARY', third, ...series.imageType],
    DerivationDescription: series.derivationDescription,
    DerivationCodeSequence: series.derivations.map((name) => codeItem(DERIVATIONS[name])),
    PatientPosition: stringOf(fixedHeader, 'PatientPosition') ?? '',
    BodyPartExamined: stringOf(fixedHeader, 'BodyPartExamined') ?? '',
    BurnedInAnnotation: 'NO',
    AcquisitionNumber: '',
    ...(fixed.modality === 'CT' ? CT_ONLY : MR_ONLY),
    ...pixelAttributes(series),
    ...lossyAttributes(series),
  };
}

/** CT Image (PS3.3 C.8.2.1): an image that no tube made has no voltage. */
const CT_ONLY: Natural = { KVP: '', RescaleIntercept: '0', RescaleSlope: '1', RescaleType: 'HU' };
/** MR Image (PS3.3 C.8.3.1): research mode stands for what was not acquired by a sequence. */
const MR_ONLY: Natural = {
  ScanningSequence: 'RM',
  SequenceVariant: 'NONE',
  ScanOptions: '',
  MRAcquisitionType: '',
  EchoTime: '',
  EchoTrainLength: '',
};

function pixelAttributes({ fixed, window, padding }: DerivedSeries): Natural {
  const [columnMm, rowMm, sliceMm] = spacingOf(fixed.voxelToLps);
  const unit = (axis: 0 | 1): string[] => {
    const step = axisStep(fixed.voxelToLps, axis);
    return step.map((mm) => decimal(mm / Math.hypot(...step)));
  };
  return {
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: fixed.dims[1],
    Columns: fixed.dims[0],
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    PixelSpacing: [decimal(rowMm), decimal(columnMm)],
    SliceThickness: decimal(sliceMm),
    SpacingBetweenSlices: decimal(sliceMm),
    ImageOrientationPatient: [...unit(0), ...unit(1)],
    WindowCenter: String(window.center),
    WindowWidth: String(window.width),
    ...(padding === undefined ? {} : { PixelPaddingValue: padding }),
    _vrMap: { PixelData: 'OW', PixelPaddingValue: 'SS' },
  };
}

/** What was once compressed with loss stays so (PS3.3 C.7.6.1.1.5). */
function lossyAttributes({ fixedHeader, movingHeader }: DerivedSeries): Natural {
  const lossy = [fixedHeader, movingHeader].find(
    (header) => stringOf(header, 'LossyImageCompression') === '01',
  );
  if (lossy === undefined) return {};
  return {
    LossyImageCompression: '01',
    LossyImageCompressionRatio: stringsOf(lossy, 'LossyImageCompressionRatio'),
    LossyImageCompressionMethod: stringsOf(lossy, 'LossyImageCompressionMethod'),
  };
}

function sliceAttributes(
  { fixed, moving, sourcesOf }: DerivedSeries,
  k: number,
  values: Int16Array,
): Natural {
  const [first, last] = sourcesOf(k);
  const sources = [...fixed.slices.slice(k, k + 1), ...moving.slices.slice(first, last + 1)];
  return {
    InstanceNumber: String(k + 1),
    ImagePositionPatient: toLps(fixed.voxelToLps, voxelIndex(0, 0, k)).map(decimal),
    SourceImageSequence: sources.map(({ sopClassUid, sopInstanceUid, frameNumber }) => ({
      ReferencedSOPClassUID: sopClassUid,
      ReferencedSOPInstanceUID: sopInstanceUid,
      ...(frameNumber === undefined ? {} : { ReferencedFrameNumber: String(frameNumber) }),
      PurposeOfReferenceCodeSequence: [codeItem(SOURCE_PURPOSE)],
    })),
    PixelData: values.slice().buffer,
  };
}

function codeItem([value, meaning]: readonly [string, string]): Natural {
  return { CodeValue: value, CodingSchemeDesignator: 'DCM', CodeMeaning: meaning };
}

function decimal(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) >= 1000 ? DECIMALS_OF_LARGE : DECIMALS)));
}
