import { isDicomJson, itemsOf, numberOf, stringOf, parseNativeXml } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { StoreResult } from './types.ts';

/**
 * Reads the Store Instances Response Module (PS3.18 Annex I) as DICOM JSON, or as XML, which older PACS send
 * whatever is accepted.
 * @returns undefined for an empty answer: the PACS lists nothing
 * @throws SamepointError `dicomweb/bad-answer`
 */
export function parseStoreAnswer(text: string, operation: string): StoreResult | undefined {
  if (text.trim() === '') return undefined;
  const json = parseNativeXml(text) ?? parseJson(text, operation);
  return {
    stored: itemsOf(json, 'ReferencedSOPSequence').flatMap((item) => {
      const sopInstanceUid = stringOf(item, 'ReferencedSOPInstanceUID');
      const sopClassUid = stringOf(item, 'ReferencedSOPClassUID') ?? '';
      return sopInstanceUid === undefined ? [] : [{ sopClassUid, sopInstanceUid }];
    }),
    failed: itemsOf(json, 'FailedSOPSequence').flatMap((item) => {
      const sopInstanceUid = stringOf(item, 'ReferencedSOPInstanceUID');
      const failureReason = numberOf(item, 'FailureReason') ?? 0;
      return sopInstanceUid === undefined ? [] : [{ sopInstanceUid, failureReason }];
    }),
  };
}

function parseJson(text: string, operation: string): DicomJson {
  try {
    const parsed: unknown = JSON.parse(text);
    // Some PACS wrap the one object in a list.
    const json: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
    if (isDicomJson(json)) return json;
  } catch {
    // Falls through: the parser's message would quote the answer.
  }
  throw new SamepointError('dicomweb/bad-answer', {
    operation,
    reason: `${text.length} characters that are not a store response in DICOM JSON or XML`,
  });
}
