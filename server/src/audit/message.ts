/**
 * Audit messages of DICOM (PS3.15 A.5.1, the XML schema; A.5.3, the events).
 *
 * - Samepoint uses images of studies to embed them, to match points in them and to show the result: "DICOM Instances Accessed"
 *   (A.5.3.6), the message for instances that are viewed or utilized. "Query" (A.5.3.10) would say that somebody searched.
 * - A saved report is sent to the PACS: "DICOM Instances Transferred" (A.5.3.7), with Samepoint as the source and the PACS as the
 *   destination. "Data Export" (A.5.3.4) is for data sent out of the hospital's own systems.
 * - Refusals are the same events with the outcome 4, other failures with 8, and the code of the error as the description.
 * - Start and stop: "Application Activity" (A.5.3.1). Entries that were lost: "Security Alert" (A.5.3.11), audit recording stopped.
 * - "Audit Log Used" (A.5.3.2) is for whoever reads the trail: Samepoint has no way to do so.
 * @module
 */
import { createHmac } from 'node:crypto';
import type { AuditedStudy, AuditEvent, AuditPurpose, AuditUser } from '../ports/index.ts';
import { element, textElement } from './xml.ts';

/** What the trail records of the server itself. */
export type ServerEvent =
  { readonly server: 'started' | 'stopped' } | { readonly server: 'lost'; readonly entries: number };

/** Who reports, and how users are named. */
export interface MessageSettings {
  readonly sourceId: string;
  readonly siteId?: string | undefined;
  /** With a key, user names are replaced by keyed hashes. */
  readonly hashKey?: string | undefined;
  readonly version: string;
  readonly hostName: string;
  readonly processId: number;
  /** The account that runs the server. */
  readonly account: string;
  /** Host of the PACS. */
  readonly pacs: string;
}

/** A message, and its severity (PS3.15 A.5.1: EventOutcomeIndicator). */
export interface AuditMessage {
  readonly xml: string;
  readonly outcome: '0' | '4' | '8';
  readonly at: Date;
}

/** Name and code of an event or role (PS3.16 CID 400 to 403). */
type Code = readonly [code: string, meaning: string];

const INSTANCES_ACCESSED: Code = ['110103', 'DICOM Instances Accessed'];
const INSTANCES_TRANSFERRED: Code = ['110104', 'DICOM Instances Transferred'];
const APPLICATION_ACTIVITY: Code = ['110100', 'Application Activity'];
const APPLICATION_START: Code = ['110120', 'Application Start'];
const APPLICATION_STOP: Code = ['110121', 'Application Stop'];
const SECURITY_ALERT: Code = ['110113', 'Security Alert'];
const RECORDING_STOPPED: Code = ['110133', 'Audit Recording Stopped'];
const APPLICATION: Code = ['110150', 'Application'];
const LAUNCHER: Code = ['110151', 'Application Launcher'];
const DESTINATION: Code = ['110152', 'Destination Role ID'];
const SOURCE: Code = ['110153', 'Source Role ID'];
const STUDY_INSTANCE_UID: Code = ['110180', 'Study Instance UID'];
/** RFC 3881 5.5.4. */
const PATIENT_NUMBER: Code = ['2', 'Patient Number'];
/** PS3.4 B.5. */
const COMPREHENSIVE_3D_SR = '1.2.840.10008.5.1.4.1.1.88.34';
const OWN_CODES = '99SAMEPOINT';

const PURPOSES: Readonly<Record<AuditPurpose, string>> = {
  embed: 'Embed a series',
  match: 'Match points',
  field: 'Map a pair of series',
  registrations: 'List the registrations of a pair',
  result: 'Read a result',
  reports: 'Read reports',
  findings: 'Read findings',
  priors: 'List prior studies',
  store: 'Store a report',
};

function coded(name: string, [code, meaning]: Code, system = 'DCM'): string {
  return element(name, { 'csd-code': code, codeSystemName: system, originalText: meaning });
}

function hashed(text: string, key: string | undefined): string {
  return key === undefined ? text : `hmac:${createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** The person. The name is what the credentials claim. */
function person({ subject, credentials, address }: AuditUser, { hashKey }: MessageSettings): string {
  const name = subject === undefined ? undefined : hashed(subject.id, hashKey);
  const inEnterprise =
    subject?.issuer === undefined ? undefined : hashed(`${subject.id}@${subject.issuer}`, hashKey);
  return element('ActiveParticipant', {
    UserID: name ?? (credentials === undefined ? 'unknown' : `credentials:${credentials}`),
    AlternativeUserID: inEnterprise,
    UserIsRequestor: 'true',
    NetworkAccessPointID: address,
    NetworkAccessPointTypeCode: address === undefined ? undefined : '2',
  });
}

/** Samepoint itself. */
function process({ processId, version, hostName }: MessageSettings, role: Code): string {
  return element(
    'ActiveParticipant',
    {
      UserID: String(processId),
      UserName: `Samepoint ${version}`,
      UserIsRequestor: 'false',
      NetworkAccessPointID: hostName,
      NetworkAccessPointTypeCode: '1',
    },
    coded('RoleIDCode', role),
  );
}

function node(userId: string, isRequestor: boolean, role: Code): string {
  return element(
    'ActiveParticipant',
    { UserID: userId, UserIsRequestor: String(isRequestor) },
    coded('RoleIDCode', role),
  );
}

function study({ studyInstanceUid, seriesInstanceUids }: AuditedStudy, report: AuditEvent['report']): string {
  const details = seriesInstanceUids.map((uid) =>
    element('ParticipantObjectDetail', {
      type: 'Series Instance UID',
      value: Buffer.from(uid).toString('base64'),
    }),
  );
  const instance =
    report?.studyInstanceUid === studyInstanceUid
      ? [
          element(
            'ParticipantObjectDescription',
            {},
            element(
              'SOPClass',
              { UID: report.sopClassUid ?? COMPREHENSIVE_3D_SR, NumberOfInstances: '1' },
              element('Instance', { UID: report.sopInstanceUid }),
            ),
          ),
        ]
      : [];
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: studyInstanceUid,
      ParticipantObjectTypeCode: '2',
      ParticipantObjectTypeCodeRole: '3',
    },
    coded('ParticipantObjectIDTypeCode', STUDY_INSTANCE_UID),
    // The schema wants a name; that of a study adds nothing.
    textElement('ParticipantObjectName', 'Study'),
    ...details,
    ...instance,
  );
}

/** Each patient once; identifier and issuer as in a CX of HL7 (2.A.14). */
function patients(studies: readonly AuditedStudy[]): string[] {
  const ids = studies.flatMap(({ patientId, issuer }) =>
    patientId === undefined ? [] : [issuer === undefined ? patientId : `${patientId}^^^${issuer}`],
  );
  return [...new Set(ids)].map((id) =>
    element(
      'ParticipantObjectIdentification',
      { ParticipantObjectID: id, ParticipantObjectTypeCode: '1', ParticipantObjectTypeCodeRole: '1' },
      coded('ParticipantObjectIDTypeCode', PATIENT_NUMBER, 'RFC-3881'),
      textElement('ParticipantObjectName', 'Patient'),
    ),
  );
}

function source({ sourceId, siteId }: MessageSettings): string {
  return element(
    'AuditSourceIdentification',
    { AuditEnterpriseSiteID: siteId, AuditSourceID: sourceId },
    // Application server process.
    element('AuditSourceTypeCode', { 'csd-code': '4' }),
  );
}

interface EventIdentification {
  readonly id: Code;
  readonly types: readonly string[];
  readonly action: 'C' | 'R' | 'E';
  readonly outcome: AuditMessage['outcome'];
  readonly description?: string | undefined;
}

function assemble(
  { id, types, action, outcome, description }: EventIdentification,
  content: readonly string[],
  at: Date,
): AuditMessage {
  const event = element(
    'EventIdentification',
    { EventActionCode: action, EventDateTime: at.toISOString(), EventOutcomeIndicator: outcome },
    coded('EventID', id),
    ...types,
    ...(description === undefined ? [] : [textElement('EventOutcomeDescription', description)]),
  );
  return { xml: element('AuditMessage', {}, event, ...content), outcome, at };
}

/** What a user did. */
export function userMessage(event: AuditEvent, settings: MessageSettings, at: Date): AuditMessage {
  const { purpose, user, studies, report, failure } = event;
  const isStore = purpose === 'store';
  const identification: EventIdentification = {
    id: isStore ? INSTANCES_TRANSFERRED : INSTANCES_ACCESSED,
    types: [coded('EventTypeCode', [purpose, PURPOSES[purpose]], OWN_CODES)],
    action: isStore ? 'C' : 'R',
    outcome: failure === undefined ? '0' : failure.isRefusal ? '4' : '8',
    description: failure?.code,
  };
  const nodes = isStore
    ? [process(settings, SOURCE), node(settings.pacs, false, DESTINATION)]
    : [process(settings, APPLICATION)];
  const objects = [...studies.map((one) => study(one, report)), ...patients(studies)];
  return assemble(identification, [person(user, settings), ...nodes, source(settings), ...objects], at);
}

/** What happened to the server. */
export function serverMessage(event: ServerEvent, settings: MessageSettings, at: Date): AuditMessage {
  if (event.server === 'lost') {
    const types = [coded('EventTypeCode', RECORDING_STOPPED)];
    const description = `${event.entries} entries could not be written and are lost`;
    return assemble(
      { id: SECURITY_ALERT, types, action: 'E', outcome: '8', description },
      [process(settings, APPLICATION), source(settings)],
      at,
    );
  }
  const type = event.server === 'started' ? APPLICATION_START : APPLICATION_STOP;
  return assemble(
    { id: APPLICATION_ACTIVITY, types: [coded('EventTypeCode', type)], action: 'E', outcome: '0' },
    [process(settings, APPLICATION), node(settings.account, true, LAUNCHER), source(settings)],
    at,
  );
}
