/**
 * Several PACS as one: a request goes to the PACS that its series, or its options, name. One that names none, or none of them, is a
 * fault of ours: it must not be sent to another PACS, whose rules on access are others.
 * @module
 */
import type { DicomwebSource, RequestOptions, SeriesRef } from '../dicomweb/types.ts';

/** @param named gives the PACS of a name, or throws where there is none */
export function routedSource(named: (source: string | undefined) => DicomwebSource): DicomwebSource {
  const ofSeries = ({ source }: SeriesRef): DicomwebSource => named(source);
  const ofOptions = (options: RequestOptions = {}): DicomwebSource => named(options.source);
  return {
    searchStudies: async (query, options) => ofOptions(options).searchStudies(query, options),
    searchSeries: async (study, query, options) => ofOptions(options).searchSeries(study, query, options),
    searchInstances: async (series, query, options) =>
      ofSeries(series).searchInstances(series, query, options),
    retrieveSeriesMetadata: async (series, options) =>
      ofSeries(series).retrieveSeriesMetadata(series, options),
    retrieveInstanceMetadata: async (series, uid, options) =>
      ofSeries(series).retrieveInstanceMetadata(series, uid, options),
    retrieveSeries: (series, options) => ofSeries(series).retrieveSeries(series, options),
    probeInstance: async (series, uid, options) => ofSeries(series).probeInstance(series, uid, options),
    retrieveInstance: async (series, uid, options) => ofSeries(series).retrieveInstance(series, uid, options),
    storeInstances: async (study, instances, options) =>
      ofOptions(options).storeInstances(study, instances, options),
  };
}

/** What one PACS of several receives of a caller, and says of its patients. */
export interface SourceRules {
  /** Issuer of the Patient IDs where the PACS names none. */
  readonly issuerOfPatientId?: string | undefined;
  /** False: the credentials of callers are not sent to it. */
  readonly forwardAuthorization: boolean;
}

const ISSUER_OF_PATIENT_ID = '00100021';

/** A PACS under its rules. */
export function withRules(
  source: DicomwebSource,
  { issuerOfPatientId, forwardAuthorization }: SourceRules,
): DicomwebSource {
  const permitted = <O extends RequestOptions>(options: O | undefined): O | undefined => {
    if (options === undefined || forwardAuthorization) return options;
    const entries = Object.entries(options).filter(([name]) => name !== 'authorization');
    return Object.fromEntries(entries) as O;
  };
  return {
    async searchStudies(query, options) {
      const studies = await source.searchStudies(query, permitted(options));
      if (issuerOfPatientId === undefined) return studies;
      const issuer = { [ISSUER_OF_PATIENT_ID]: { vr: 'LO', Value: [issuerOfPatientId] } };
      return studies.map((study) => {
        const named = study[ISSUER_OF_PATIENT_ID]?.Value?.[0];
        return typeof named === 'string' && named.trim() !== '' ? study : { ...study, ...issuer };
      });
    },
    searchSeries: (study, query, options) => source.searchSeries(study, query, permitted(options)),
    searchInstances: (series, query, options) => source.searchInstances(series, query, permitted(options)),
    retrieveSeriesMetadata: (series, options) => source.retrieveSeriesMetadata(series, permitted(options)),
    retrieveInstanceMetadata: (series, uid, options) =>
      source.retrieveInstanceMetadata(series, uid, permitted(options)),
    retrieveSeries: (series, options) => source.retrieveSeries(series, permitted(options)),
    probeInstance: (series, uid, options) => source.probeInstance(series, uid, permitted(options)),
    retrieveInstance: (series, uid, options) => source.retrieveInstance(series, uid, permitted(options)),
    storeInstances: (study, instances, options) =>
      source.storeInstances(study, instances, permitted(options)),
  };
}
