import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

/** Errors of http/: requests that do not fit the API, and limits of the server. */
const requestErrors = {
  'http/invalid-request': spec<{ problems: readonly string[] }>({
    status: 400,
    summary: 'The request does not have the form that the API documents.',
    remedy: 'Correct the named fields; /openapi.json describes every request.',
    message: ({ problems }) => `invalid request: ${problems.join('; ')}`,
  }),
  'http/invalid-json': spec<NoFields>({
    status: 400,
    summary: 'The body of the request is not JSON, or it was cut.',
    remedy: 'Send one complete JSON object.',
    message: () => 'the body of the request is not valid JSON',
  }),
  'http/unsupported-media-type': spec<{ expected: string }>({
    status: 415,
    summary: 'The body of the request is of another media type or character set than the API accepts.',
    remedy: 'Send the header Content-Type: application/json, in UTF-8, not compressed.',
    message: ({ expected }) => `the body of the request must be ${expected}`,
  }),
  'http/body-too-large': spec<{ limitBytes: number }>({
    status: 413,
    summary: 'The body of the request is larger than http.bodyLimitBytes.',
    remedy: 'Send fewer points in one request, or let the administrator raise http.bodyLimitBytes.',
    message: ({ limitBytes }) => `the body of the request is larger than ${limitBytes} bytes`,
  }),
  'http/not-found': spec<{ method: string; path: string }>({
    status: 404,
    summary: 'The path does not exist.',
    remedy: 'Use a path of /openapi.json.',
    message: ({ method, path }) => `there is nothing at ${method} ${path}`,
  }),
  'http/method-not-allowed': spec<{ method: string; allowed: readonly string[] }>({
    status: 405,
    summary: 'The path exists, but not with this method.',
    remedy: 'Use one of the allowed methods.',
    message: ({ method, allowed }) => `${method} is not allowed here; allowed: ${allowed.join(', ')}`,
  }),
  'http/unknown-host': spec<{ host: string }>({
    status: 421,
    summary:
      'The request is for a host name that this server does not answer for: a page that pretends to be local (DNS rebinding), or a reverse proxy that is not configured yet.',
    remedy: 'If the name is that of your own reverse proxy, add it to http.allowedHosts.',
    message: ({ host }) => `this server does not answer for host "${host}"`,
  }),
  'http/invalid-target': spec<{ reason: string }>({
    status: 400,
    summary:
      'The request does not say for which host it is, or says it twice: two Host headers, a Host that is no host name, or a full URL for another host.',
    remedy:
      'Send one Host header with a host name and, if need be, a port. Behind a reverse proxy check its Host header.',
    message: ({ reason }) => `it is not clear for which host the request is: ${reason}`,
  }),
  'http/too-many-requests': spec<{ retryAfterS: number }>({
    status: 429,
    summary:
      'One address sent more requests than http.requestsPerMinute, or more for images than http.imageRequestsPerMinute.',
    remedy:
      'Wait a moment and try again. Behind a reverse proxy set http.trustProxyHops, so that each workstation counts by itself.',
    message: ({ retryAfterS }) => `too many requests; try again in ${retryAfterS} s`,
  }),
  'http/busy': spec<{ waiting: number; retryAfterS: number }>({
    status: 503,
    summary:
      'As many series as embedding.queueLimit are waiting for their embedding already, or as many of this user as embedding.queueLimitPerCaller.',
    remedy: 'Try again in a minute.',
    message: ({ waiting, retryAfterS }) =>
      `the server is busy: ${waiting} series are waiting; try again in ${retryAfterS} s`,
  }),
  'http/too-many-jobs': spec<{ running: number; retryAfterS: number }>({
    status: 503,
    summary:
      'As many jobs as jobs.maxJobs are running already, or as many of this user as jobs.maxJobsPerCaller.',
    remedy: 'Try again in a minute, or cancel a job.',
    message: ({ running, retryAfterS }) => `${running} jobs are running; try again in ${retryAfterS} s`,
  }),
  'http/too-many-streams': spec<{ open: number; retryAfterS: number }>({
    status: 503,
    summary:
      'As many event streams are open as http.maxEventStreams allows in all, or http.maxEventStreamsPerCaller for one user or address.',
    remedy:
      'Close other windows of the viewer, or request the job itself (GET /jobs/{id}). Behind a reverse proxy set http.trustProxyHops, so that each workstation counts by itself.',
    message: ({ open, retryAfterS }) => `${open} event streams are open; try again in ${retryAfterS} s`,
  }),
  'http/too-many-bodies': spec<{ open: number; retryAfterS: number }>({
    status: 503,
    summary:
      'As many bodies of requests are on their way as http.maxOpenBodies allows in all, or http.maxOpenBodiesPerCaller for one address.',
    remedy:
      'Try again in a moment. Behind a reverse proxy set http.trustProxyHops, so that each workstation counts by itself.',
    message: ({ open, retryAfterS }) =>
      `the bodies of ${open} requests are on their way; try again in ${retryAfterS} s`,
  }),
  'http/body-timeout': spec<{ timeoutMs: number }>({
    status: 408,
    summary: 'The body of the request did not arrive within http.bodyTimeoutMs.',
    remedy: 'Check the network between the workstation and the server, and try again.',
    message: ({ timeoutMs }) => `the body of the request did not arrive within ${timeoutMs} ms`,
  }),
  'http/unknown-job': spec<NoFields>({
    status: 404,
    summary: 'The job does not exist, has expired, or belongs to another user.',
    remedy: 'Repeat the request that made the job: finished embeddings are kept.',
    message: () => 'this job does not exist, or has expired',
  }),
  'http/extension-not-built': spec<NoFields>({
    status: 404,
    summary: 'The file of the OHIF extension is not where extension.file says.',
    remedy: 'Run "npm run build", or correct extension.file in the server configuration.',
    message: () => 'the OHIF extension is not built',
  }),
  'http/shutting-down': spec<NoFields>({
    status: 503,
    summary: 'The server is being stopped.',
    remedy: 'Try again when the server runs again.',
    message: () => 'the server is shutting down',
  }),
  'http/audit-not-written': spec<{ destination: string; reason: string; lost: number }>({
    status: 500,
    summary:
      'The audit trail cannot be written, or entries of it were lost. Reported in the log and in /health; reading goes on.',
    remedy:
      'Correct what the reason names: audit.file and its permissions or the free space on its disk, or audit.syslogHost and the network to it.',
    message: ({ destination, reason, lost }) =>
      `the audit trail (${destination}) cannot be written: ${reason}${lost > 0 ? `; ${lost} entries were lost` : ''}`,
  }),
  'http/internal': spec<{ correlationId: string }>({
    status: 500,
    summary: 'A fault of Samepoint itself. The log holds the details under the correlation id.',
    remedy: 'Report the correlation id to the administrator.',
    message: ({ correlationId }) => `internal error ${correlationId}`,
  }),
  'http/cannot-listen': spec<{ address: string; reason: string }>({
    status: 500,
    summary: 'The server could not open its port at the start.',
    remedy: 'Stop the program that uses the port, or choose another http.port.',
    message: ({ address, reason }) => `cannot listen on ${address}: ${reason}`,
  }),
} as const;

/** Errors of application/: requests that are well formed and yet make no clinical sense. */
const applicationErrors = {
  'application/different-patients': spec<{ seriesInstanceUid: string; otherSeriesInstanceUid: string }>({
    status: 422,
    summary: 'Two series belong to different patients (PatientID or IssuerOfPatientID differ).',
    remedy: 'Compare studies of one patient only.',
    message: ({ seriesInstanceUid, otherSeriesInstanceUid }) =>
      `series ${seriesInstanceUid} and series ${otherSeriesInstanceUid} belong to different patients`,
  }),
  'application/patient-unknown': spec<{ studyInstanceUid: string }>({
    status: 422,
    summary:
      'Two studies are to be compared and the PACS gives no PatientID for one of them, so that Samepoint cannot check whether they show the same patient.',
    remedy: 'Correct the patient of the study in the PACS.',
    message: ({ studyInstanceUid }) => `study ${studyInstanceUid} has no PatientID`,
  }),
  'application/issuer-unknown': spec<NoFields>({
    status: 422,
    summary:
      'Studies of two PACS are to be compared, and it is not known who issues the Patient IDs of both: the same identifier may be another patient.',
    remedy: 'Have the administrator set issuerOfPatientId of the sources in the server configuration.',
    message: () => 'the studies lie in two PACS, and the issuer of their Patient IDs is not known',
  }),
  'application/unknown-source': spec<{ available: readonly string[] }>({
    status: 400,
    summary: 'The request names a PACS (source) that the server configuration does not have.',
    remedy: 'Name one of the configured sources (GET /sources), or omit the source.',
    message: ({ available }) => `there is no such source; available: ${available.join(', ')}`,
  }),
  'application/same-series': spec<{ seriesInstanceUid: string }>({
    status: 422,
    summary: 'The query series is also a target.',
    remedy: 'Choose another series as the target.',
    message: ({ seriesInstanceUid }) => `series ${seriesInstanceUid} is both query and target`,
  }),
  'application/series-incomplete': spec<{
    seriesInstanceUid: string;
    listedInstances: number;
    receivedInstances: number;
  }>({
    status: 409,
    summary:
      'The PACS sent fewer instances than it lists: the series is being moved, deleted, or is damaged.',
    remedy: 'Wait until the series is complete in the PACS and try again.',
    message: ({ seriesInstanceUid, listedInstances, receivedInstances }) =>
      `the PACS lists ${listedInstances} instances of series ${seriesInstanceUid} and sent ${receivedInstances}`,
  }),
  'application/series-changed': spec<{ seriesInstanceUid: string }>({
    status: 409,
    summary: 'The list of images of a series changed in the PACS between a request and the work on it.',
    remedy:
      'Try again: the series is listed anew. A series that is still being sent is complete after a while.',
    message: ({ seriesInstanceUid }) => `series ${seriesInstanceUid} has gained or lost images in the PACS`,
  }),
  'application/identity-mismatch': spec<{ seriesInstanceUid: string; attribute: string }>({
    status: 502,
    summary:
      'The PACS sent images of another study, series or patient than was requested. None of them was used or kept.',
    remedy:
      'Do not rely on this series before the administrator of the PACS has looked at it; then try again: the images are requested anew.',
    message: ({ seriesInstanceUid, attribute }) =>
      `the PACS sent images under the name of series ${seriesInstanceUid} that are not its own: their ${attribute} is another one`,
  }),
  'application/series-needs-memory': spec<{ neededMib: number; limitMib: number }>({
    status: 413,
    summary: 'Reading the series would need more memory than memory.maxBytes provides for series.',
    remedy:
      'Choose a reconstruction with thicker slices, or have the administrator raise memory.maxBytes if the machine has more memory.',
    message: ({ neededMib, limitMib }) =>
      `reading this series needs about ${neededMib} MiB of memory; the server has ${limitMib} MiB for it`,
  }),
  'application/instance-not-in-series': spec<{ seriesInstanceUid: string; sopInstanceUid: string }>({
    status: 422,
    summary: 'A pair refers to an image that the PACS does not list in the series that the pair names.',
    remedy: 'Match the point again and accept the new pair.',
    message: ({ seriesInstanceUid, sopInstanceUid }) =>
      `instance ${sopInstanceUid} is not part of series ${seriesInstanceUid}`,
  }),
  'application/idempotency-key-reused': spec<NoFields>({
    status: 422,
    summary:
      'The study holds a report that was stored with this Idempotency-Key and says something else. Nothing was stored.',
    remedy: 'Look at the reports of the study; if the new one is wanted as well, save it with a new key.',
    message: () => 'a report with other content was stored with this Idempotency-Key before',
  }),
  'application/report-changed': spec<{ sopInstanceUid: string }>({
    status: 409,
    summary: 'A report of the time point was stored that the reader has not seen. Nothing was stored.',
    remedy: 'Load the lesions of the study again, look at what has changed, and save again.',
    message: () => 'Another reader has saved this study meanwhile; your changes were not stored',
  }),
  'application/report-not-verified': spec<{ sopInstanceUid: string; reason: string }>({
    status: 502,
    summary: 'The PACS accepted a report, but what it gives back is not what was sent, or nothing yet.',
    remedy:
      'Look in a minute whether the report is in the PACS. Saving the same again is safe: it is stored once. If it never appears, or differs, inform the administrator of the PACS.',
    message: ({ sopInstanceUid, reason }) =>
      `the PACS accepted report ${sopInstanceUid}, but it could not be read back: ${reason}`,
  }),
} as const;

/** Errors of config/, cli/ and viewer/: what stops a command before it starts to work. */
const startErrors = {
  'config/unreadable': spec<{ file: string; reason: string }>({
    status: 500,
    summary: 'The configuration file is missing, cannot be read, or is not JSON.',
    remedy: 'Correct the path given with --config or SAMEPOINT_CONFIG, or the JSON of the file.',
    message: ({ file, reason }) => `configuration file ${file}: ${reason}`,
  }),
  'config/invalid': spec<{ problems: readonly string[] }>({
    status: 500,
    summary: 'A configuration key is unknown, missing, or has a wrong value. The server does not start.',
    remedy: 'Correct the named keys; docs/configuration.md lists every key.',
    message: ({ problems }) => `invalid configuration: ${problems.join('; ')}`,
  }),
  'cli/unreadable-input': spec<{ input: string; reason: string }>({
    status: 400,
    summary: 'A file, folder or series named on the command line cannot be used.',
    remedy:
      'Give a folder of DICOM files, a .nii or .nii.gz file, or <StudyInstanceUID>/<SeriesInstanceUID>.',
    message: ({ input, reason }) => `${input}: ${reason}`,
  }),
  'viewer/not-dicomweb': spec<NoFields>({
    status: 404,
    summary:
      'A request below /dicom-web is not of DICOMweb: another path than those of QIDO-RS, WADO-RS, STOW-RS and WADO-URI, an encoded character in a path, or an unknown query parameter. It was not passed on.',
    remedy:
      'Use the paths and parameters of PS3.18. Other interfaces of the PACS are not reached through this server.',
    message: () => 'this is not a request of DICOMweb',
  }),
  'viewer/foreign-page': spec<NoFields>({
    status: 403,
    summary: 'A web page of another origin than the viewer has sent a request to /dicom-web.',
    remedy:
      "Open the viewer under the same host name and port as /dicom-web. A reverse proxy must pass the browser's Host header on, port included.",
    message: () => 'requests of other web pages are not passed on to the PACS',
  }),
  'viewer/not-installed': spec<{ directory: string }>({
    status: 404,
    summary: 'There is no prebuilt OHIF viewer in the folder.',
    remedy: 'Run "npm run setup", which installs it, or correct viewer.directory.',
    message: ({ directory }) => `there is no OHIF viewer in ${directory}`,
  }),
} as const;

/** Errors of the ways in (http/, config/, cli/, viewer/) and of application/. */
export const httpErrors = { ...requestErrors, ...applicationErrors, ...startErrors } as const;
