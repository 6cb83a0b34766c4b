/**
 * The modules of server/src and what each may import: the foundations, and what is named here. `config/dependencies.mjs` makes the
 * lint gate from it, and docs/architecture.md draws it.
 */
export const FOUNDATIONS = ['concurrency', 'dicom', 'errors', 'geometry', 'onnx', 'wasm'];

/** What a foundation may import of the others. */
const BELOW = {
  geometry: [],
  onnx: [],
  wasm: [],
  errors: [],
  concurrency: ['errors'],
  dicom: ['errors'],
};

/** The flow, what it is built on, and the ways in. */
const ABOVE = {
  dicomweb: [],
  work: [],
  codecs: [],
  volume: ['codecs'],
  nifti: ['volume'],
  model: ['volume'],
  embedding: ['model', 'volume'],
  modelImport: ['embedding', 'model', 'volume'],
  search: ['embedding', 'model'],
  registration: ['embedding', 'search'],
  placement: ['embedding', 'registration', 'search'],
  neighbourMap: ['registration', 'search'],
  coupledConvex: ['registration', 'search'],
  deformation: ['registration'],
  fieldFormat: ['deformation'],
  uaeStructural: ['registration', 'search'],
  matching: [
    'coupledConvex',
    'deformation',
    'embedding',
    'model',
    'neighbourMap',
    'placement',
    'registration',
    'search',
    'uaeStructural',
  ],
  documents: [],
  registrationObject: ['deformation', 'documents'],
  fiducials: ['documents'],
  report: ['documents', 'matching'],
  warp: ['coupledConvex', 'embedding', 'matching', 'nifti', 'registration', 'documents', 'search', 'volume'],
  points: ['documents', 'fiducials', 'report'],
  phase: ['features', 'landmarks', 'volume'],
  trainingPairs: ['embedding', 'search', 'volume'],
  features: ['embedding', 'search', 'volume'],
  landmarks: ['embedding', 'matching', 'model', 'volume'],
  access: ['dicomweb', 'embedding', 'volume'],
  priors: ['access', 'dicomweb', 'report'],
  application: [
    'access',
    'dicomweb',
    'documents',
    'embedding',
    'fieldFormat',
    'landmarks',
    'matching',
    'model',
    'priors',
    'registrationObject',
    'report',
    'volume',
    'warp',
    'work',
  ],
  config: ['model'],
  audit: ['access', 'application', 'config'],
  auth: [],
  metrics: ['application', 'dicomweb', 'embedding', 'model', 'work'],
  apiSchemas: ['documents', 'landmarks', 'matching', 'registrationObject', 'report', 'warp'],
  http: [
    'access',
    'apiSchemas',
    'application',
    'auth',
    'config',
    'fieldFormat',
    'matching',
    'priors',
    'report',
    'warp',
  ],
  viewer: ['dicomweb'],
  archive: ['dicomweb'],
  phantom: ['volume'],
  pictures: ['embedding', 'matching'],
};

/** Allowed imports by module; `composition` and `cli`, which start a server from the parts, may import everything below them. */
export const MODULES = {
  ...BELOW,
  ...Object.fromEntries(Object.entries(ABOVE).map(([name, may]) => [name, [...may, ...FOUNDATIONS]])),
  composition: [...Object.keys(ABOVE), ...FOUNDATIONS],
  doctor: ['composition', 'config', 'dicomweb', 'embedding', 'model', 'volume', 'work', ...FOUNDATIONS],
  cli: [...Object.keys(ABOVE), ...FOUNDATIONS, 'composition', 'doctor'],
};
