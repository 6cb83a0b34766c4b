import { dataset } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import type { DicomDateTime } from './dateTime.ts';
import type { BuiltReport } from './types.ts';

/** What an object that Samepoint writes is, in a series of its own. */
export interface OwnObject {
  readonly ids: Omit<BuiltReport, 'part10'>;
  readonly sopClassUid: string;
  readonly modality: 'FID' | 'REG' | 'SR';
  readonly seriesNumber: string;
  readonly seriesDescription: string;
  /** Of Samepoint first. */
  readonly softwareVersions: readonly string[];
  /** When it is written, in the time zone of the images. */
  readonly written: Pick<DicomDateTime, 'date' | 'time'>;
}

/** The attributes of series, equipment and instance (PS3.3 C.7.3.1, C.7.5.1, C.12.1) that all objects of Samepoint have. */
export function ownAttributes(object: OwnObject): Dataset {
  const { ids, sopClassUid, modality, seriesNumber, seriesDescription, softwareVersions } = object;
  const { date, time } = object.written;
  return dataset({
    SpecificCharacterSet: ['ISO_IR 192'],
    InstanceCreationDate: [date],
    InstanceCreationTime: [time],
    SOPClassUID: [sopClassUid],
    SOPInstanceUID: [ids.sopInstanceUid],
    StudyInstanceUID: [ids.studyInstanceUid],
    SeriesInstanceUID: [ids.seriesInstanceUid],
    Modality: [modality],
    SeriesNumber: [seriesNumber],
    SeriesDescription: [seriesDescription],
    SeriesDate: [date],
    SeriesTime: [time],
    Manufacturer: ['Samepoint'],
    ManufacturerModelName: ['Samepoint'],
    SoftwareVersions: softwareVersions,
    InstanceNumber: ['1'],
    ContentDate: [date],
    ContentTime: [time],
  });
}
