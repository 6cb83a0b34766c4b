import { spec } from './spec.ts';

/** Errors of dicomweb/: talking to the PACS over QIDO-RS, WADO-RS and STOW-RS. No UIDs in them: a study UID is patient data. */
export const dicomwebErrors = {
  'dicomweb/unreachable': spec<{ operation: string; reason: string }>({
    status: 502,
    summary: 'The PACS did not answer, or the connection broke, after all retries.',
    remedy:
      'Check that the PACS runs and that dicomweb.root in the server configuration points to it, then try again.',
    message: ({ operation, reason }) => `the PACS could not be reached for ${operation}: ${reason}`,
  }),
  'dicomweb/timeout': spec<{ operation: string; timeoutMs: number }>({
    status: 504,
    summary: 'The PACS sent nothing for longer than the configured time, also after all retries.',
    remedy: 'Try again; if the PACS is slow by nature, raise dicomweb.timeoutMs in the server configuration.',
    message: ({ operation, timeoutMs }) => `the PACS sent nothing for ${timeoutMs} ms during ${operation}`,
  }),
  'dicomweb/too-slow': spec<{ operation: string; bytesPerSecond: number; minBytesPerSecond: number }>({
    status: 504,
    summary:
      'The PACS sent its answer so slowly that the place of this request is given to another. Not tried again.',
    remedy:
      'Try again later, and inform the administrator of the PACS; where the network to it is slow by nature, lower dicomweb.minBytesPerSecond in the server configuration.',
    message: ({ operation, bytesPerSecond, minBytesPerSecond }) =>
      `the PACS sent ${bytesPerSecond} bytes per second during ${operation}; fewer than ${minBytesPerSecond} are not waited for`,
  }),
  'dicomweb/series-timeout': spec<{ operation: string; seriesTimeoutMs: number; instances: number }>({
    status: 504,
    summary: 'The PACS did not send the whole series within dicomweb.seriesTimeoutMs, retries included.',
    remedy:
      'Try again later, or choose a smaller series; if the PACS needs that long, raise dicomweb.seriesTimeoutMs in the server configuration.',
    message: ({ operation, seriesTimeoutMs, instances }) =>
      `${operation} was not complete after ${seriesTimeoutMs} ms; ${instances} images had come`,
  }),
  'dicomweb/truncated': spec<{ operation: string; instances: number; reason: string }>({
    status: 502,
    summary:
      'The PACS cut its answer short, after all retries. What arrived is not used: a series is whole or an error.',
    remedy:
      'Try again; if it happens every time, check the PACS and the proxies before it for limits on size or time.',
    message: ({ operation, instances, reason }) =>
      `the answer to ${operation} ended early, after ${instances} complete instances: ${reason}`,
  }),
  'dicomweb/unauthorized': spec<{ operation: string }>({
    status: 401,
    summary: 'The PACS wants a login, or the login has expired (HTTP 401).',
    remedy: 'Log in to the viewer again; for a PACS with fixed credentials set dicomweb.authorization.',
    message: ({ operation }) => `the PACS requires a login for ${operation}`,
  }),
  'dicomweb/forbidden': spec<{ operation: string }>({
    status: 403,
    summary: 'The PACS does not allow this user to see or store this (HTTP 403).',
    remedy: 'Request access from the administrator of the PACS.',
    message: ({ operation }) => `the PACS does not allow ${operation} for this user`,
  }),
  'dicomweb/study-not-found': spec<{ operation: string }>({
    status: 404,
    summary: 'The PACS does not have the study, or hides it from this user.',
    remedy: 'Reload the study list; the study may have been deleted or moved.',
    message: ({ operation }) => `the PACS does not have the study (${operation})`,
  }),
  'dicomweb/series-not-found': spec<{ operation: string }>({
    status: 404,
    summary: 'The PACS does not have the series in that study, or hides it from this user.',
    remedy: 'Reload the study; the series may have been deleted or moved.',
    message: ({ operation }) => `the PACS does not have the series in that study (${operation})`,
  }),
  'dicomweb/instance-not-found': spec<{ operation: string }>({
    status: 404,
    summary: 'The PACS does not have the instance in that series.',
    remedy: 'Reload the study; the image may have been deleted.',
    message: ({ operation }) => `the PACS does not have the instance in that series (${operation})`,
  }),
  'dicomweb/nearline': spec<{ operation: string }>({
    status: 503,
    summary: 'The PACS has to fetch this from its long-term archive first (HTTP 202).',
    remedy: 'Try again in some minutes; the request has made the PACS begin.',
    message: ({ operation }) => `the PACS fetches what ${operation} needs from its long-term archive`,
  }),
  'dicomweb/not-multipart': spec<{ operation: string; contentType: string }>({
    status: 502,
    summary: 'The PACS answered something other than DICOM files, typically the HTML of a login page.',
    remedy:
      'Check that dicomweb.root is the DICOMweb root (not the web page of the PACS) and that the proxy before it accepts the credentials.',
    message: ({ operation, contentType }) =>
      `the PACS answered ${operation} with ${contentType} where DICOM files were expected`,
  }),
  'dicomweb/bad-answer': spec<{ operation: string; reason: string }>({
    status: 502,
    summary: 'The PACS answered successfully, but with something that is not a valid answer to the request.',
    remedy:
      'Check that dicomweb.root is the DICOMweb root (not the web page of the PACS) and that no login page stands before it.',
    message: ({ operation, reason }) => `the answer of the PACS to ${operation} is not usable: ${reason}`,
  }),
  'dicomweb/too-large': spec<{ operation: string; maxBytes: number }>({
    status: 413,
    summary: 'The answer of the PACS is larger than the configured limit.',
    remedy: 'Raise dicomweb.maxSeriesBytes in the server configuration if the machine has the memory.',
    message: ({ operation, maxBytes }) => `the answer to ${operation} is larger than ${maxBytes} bytes`,
  }),
  'dicomweb/server-error': spec<{ operation: string; httpStatus: number; retryAfterMs: number }>({
    status: 502,
    summary: 'The PACS failed (HTTP 5xx) or was too busy (HTTP 429), after all retries.',
    remedy: 'Try again later; the log of the PACS says more.',
    message: ({ operation, httpStatus }) => `the PACS answered ${operation} with HTTP ${httpStatus}`,
  }),
  'dicomweb/rejected': spec<{ operation: string; httpStatus: number }>({
    status: 502,
    summary: 'The PACS refused the request for another reason (HTTP 4xx or 501).',
    remedy: 'Check that the PACS supports this part of DICOMweb and that dicomweb.root is right.',
    message: ({ operation, httpStatus }) => `the PACS refused ${operation} with HTTP ${httpStatus}`,
  }),
  'dicomweb/redirected': spec<{ operation: string; httpStatus: number }>({
    status: 502,
    summary:
      'The PACS sent the request on to an address outside dicomweb.root (HTTP 3xx). It was not followed: the credentials of the user are for this PACS only.',
    remedy:
      'Set dicomweb.root in the server configuration to the address that the PACS finally has, such as https:// instead of http://; if it is a login page, correct the credentials.',
    message: ({ operation, httpStatus }) =>
      `the PACS redirected ${operation} (HTTP ${httpStatus}) to an address outside its DICOMweb root`,
  }),
  'dicomweb/store-refused': spec<{
    operation: string;
    stored: number;
    failed: number;
    failureReasons: readonly string[];
  }>({
    status: 502,
    summary:
      'The PACS did not store every instance, or did not say whether it did. The failure reasons are those of PS3.18 Table I.2-2.',
    remedy:
      'Nothing else was changed. Correct the cause that the reason names (PS3.18 Annex I) and save again; where the PACS did not say what became of it, look for it in a minute, and save again only if it is not there.',
    message: ({ stored, failed, failureReasons }) =>
      failureReasons.length > 0 && failureReasons.every((reason) => reason === 'not mentioned')
        ? `the PACS did not say whether it stored ${failed} of ${stored + failed} instances (reasons: not mentioned)`
        : `the PACS stored ${stored} and refused ${failed} instances (reasons: ${failureReasons.join(', ') || 'none given'})`,
  }),
  'dicomweb/invalid-uid': spec<{ argument: string; reason: string }>({
    status: 400,
    summary: 'A UID in the request is not a DICOM UID (digits and dots, at most 64 characters).',
    remedy: 'Send the UID as the PACS gives it.',
    message: ({ argument, reason }) => `${argument} is not a DICOM UID: ${reason}`,
  }),
} as const;
