const STUDY = '/studies/1.2.3';
const INSTANCE = `${STUDY}/series/1.2.3.4/instances/1.2.3.4.5`;

/** Targets that stock OHIF 3.11 to 3.14 requests, or PS3.18 has: they must arrive unchanged. */
export const LEGITIMATE: readonly string[] = [
  '/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060',
  '/studies?PatientName=*M%C3%BCller%5E*&00100020=4711&StudyDate=20200101-20201231&ModalitiesInStudy=CT%2CMR',
  '/series?Modality=SR',
  '/instances?SOPClassUID=1.2.840.10008.5.1.4.1.1.88.33',
  STUDY,
  `${STUDY}/series?includefield=0008103E%2C00080021`,
  `${STUDY}/instances`,
  `${STUDY}/metadata`,
  `${STUDY}/series/1.2.3.4`,
  `${STUDY}/series/1.2.3.4/metadata`,
  `${STUDY}/series/1.2.3.4/instances?includefield=all`,
  `${STUDY}/series/1.2.3.4/thumbnail`,
  INSTANCE,
  `${INSTANCE}/metadata`,
  `${INSTANCE}/frames/1`,
  `${INSTANCE}/frames/1,2,3`,
  `${INSTANCE}/frames/1/rendered?viewport=256,256`,
  `${INSTANCE}/rendered?accept=image/jpeg`,
  `${INSTANCE}/thumbnail?accept=image%2Fjpeg`,
  `${INSTANCE}/bulkdata/7FE00010`,
  `${INSTANCE}/bulk/00081140/1/00420011`,
  '?requestType=WADO&studyUID=1.2&seriesUID=1.3&objectUID=1.4&contentType=application%2Fdicom&transferSyntax=*',
];
