/**
 * What the use cases need of the modules and of the machine.
 * @module
 */
export type { Audit, AuditedStudy, AuditEvent, AuditPurpose, AuditUser, Clock, Modules, Ports, } from './ports.ts';
