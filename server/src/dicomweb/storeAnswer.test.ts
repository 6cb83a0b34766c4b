import { parseStoreAnswer } from './storeAnswer.ts';

const REFUSED = {
  stored: [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3.1' }],
  failed: [{ sopInstanceUid: '1.2.3.2', failureReason: 272 }],
};

// The form in which Orthanc 1.10.1 with its DICOMweb plugin 1.7 answers, UIDs shortened.
const ORTHANC_XML = `<?xml version="1.0" encoding="utf-8"?>
<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
  <DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet">
    <Value number="1">ISO_IR 100</Value>
  </DicomAttribute>
  <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence">
    <Item number="1">
      <DicomAttribute tag="00081150" vr="UI" keyword="ReferencedSOPClassUID">
        <Value number="1">1.2.840.10008.5.1.4.1.1.2</Value>
      </DicomAttribute>
      <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID">
        <Value number="1">1.2.3.2</Value>
      </DicomAttribute>
      <DicomAttribute tag="00081197" vr="US" keyword="FailureReason">
        <Value number="1">272</Value>
      </DicomAttribute>
    </Item>
    <Value number="1" />
  </DicomAttribute>
  <DicomAttribute tag="00081199" vr="SQ" keyword="ReferencedSOPSequence">
    <Item number="1">
      <DicomAttribute tag="00081150" vr="UI" keyword="ReferencedSOPClassUID">
        <Value number="1">1.2.840.10008.5.1.4.1.1.2</Value>
      </DicomAttribute>
      <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID">
        <Value number="1">1.2.3.1</Value>
      </DicomAttribute>
    </Item>
  </DicomAttribute>
</NativeDicomModel>`;

const JSON_ANSWER = {
  '00081198': {
    vr: 'SQ',
    Value: [{ '00081155': { vr: 'UI', Value: ['1.2.3.2'] }, '00081197': { vr: 'US', Value: ['272'] } }],
  },
  '00081199': {
    vr: 'SQ',
    Value: [
      {
        '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
        '00081155': { vr: 'UI', Value: ['1.2.3.1'] },
      },
    ],
  },
};

test('DICOM JSON, bare or in a list', () => {
  expect(parseStoreAnswer(JSON.stringify(JSON_ANSWER), 'store')).toEqual(REFUSED);
  expect(parseStoreAnswer(JSON.stringify([JSON_ANSWER]), 'store')).toEqual(REFUSED);
});

test('XML, with and without a prefix', () => {
  expect(parseStoreAnswer(ORTHANC_XML, 'store')).toEqual(REFUSED);
  const prefixed = ORTHANC_XML.replace(/<(\/?)([A-Z])/g, '<$1dcm:$2');
  expect(parseStoreAnswer(prefixed, 'store')).toEqual(REFUSED);
});

test('an empty answer lists nothing', () => {
  expect(parseStoreAnswer(' \r\n', 'store')).toBeUndefined();
});

test.each(['<html><body>NativeDicomModel</body></html>', 'OK', '[]', '42', '{"00081199": 1}', '[{}, {}]'])(
  '%s is no answer to a store',
  (text) => {
    expect(() => parseStoreAnswer(text, 'store')).toThrow('not usable');
  },
);

test('XML of any depth or cut ends', () => {
  const deep = `<NativeDicomModel>${'<DicomAttribute tag="00081199" vr="SQ"><Item>'.repeat(50_000)}`;
  expect(parseStoreAnswer(deep, 'store')).toEqual({ stored: [], failed: [] });
});
