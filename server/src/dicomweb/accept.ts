/** The Accept header of WADO-RS retrieval, in the forms that PACS understand. */
import { requireStatus, send } from './http.ts';
import type { Operation, PacsResponse } from './http.ts';
import { refusalOf } from './negotiation.ts';
import type { Transport } from './options.ts';
import type { RequestOptions } from './types.ts';

/**
 * First the stored transfer syntax, whatever it is (PS3.18 8.7.3.5.2). Without it a PACS must convert to Explicit VR Little
 * Endian; Orthanc then transcodes JPEG-LS and answers 500 for JPEG 2000. The others say less and less, for PACS that do not know the
 * parameter, quotation marks, or the header at all.
 */
const ACCEPTED = [
  'multipart/related; type="application/dicom"; transfer-syntax=*',
  'multipart/related; type="application/dicom"',
  'multipart/related; type=application/dicom',
  'application/dicom',
  '*/*',
] as const;

/** Options of one try. */
export interface TryOptions extends RequestOptions {
  /** How often the same was requested before. */
  readonly retriesDone?: number;
}

/**
 * Requests instances below the root of WADO-RS, in a form that the PACS accepts. No retry. A failure (HTTP 500) of a first try may pass;
 * only where a retry fails as well, other forms are tried.
 * @throws SamepointError of `dicomweb/`
 */
export async function openRetrieval(
  transport: Transport,
  path: string,
  operation: Operation,
  { retriesDone = 0, ...options }: TryOptions,
): Promise<PacsResponse> {
  const mayPass = retriesDone === 0 && transport.retries > 0;
  const kind = {
    topic: operation.name,
    forms: ACCEPTED,
    refusalOf: (error: unknown) => {
      const refusal = refusalOf(error);
      return refusal === 'perhaps' && mayPass ? undefined : refusal;
    },
  };
  return await transport.negotiation.choose<string, PacsResponse>(kind, async (accept) => {
    const response = await send(transport, {
      ...options,
      operation,
      url: `${transport.roots.wado}${path}`,
      method: 'GET',
      headers: { accept },
    });
    await requireStatus(response, operation, [200, 206]);
    return response;
  });
}
