import type { AuditMessage } from './message.ts';

/** Where messages go. */
export interface AuditSink {
  /** For people: what it is, without names of patients or users. */
  readonly name: string;
  /** Resolves when the messages are handed over, all of them; rejects when they are not, or perhaps not all. */
  write(messages: readonly AuditMessage[]): Promise<void>;
  close(): Promise<void>;
}
