/** What an attack on the proxy at /dicom-web is. Data only; characters above 0x7F stand for bytes of the same value. */

/** One request, byte for byte. */
export interface Attack {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** How many spellings are combined. */
export type Scope = 'short' | 'full';

/** Attacks with one reason. */
export interface AttackGroup {
  readonly reason: string;
  readonly attacks: readonly Attack[];
}

/** A study and an instance that do not exist. */
export const STUDY = '/studies/1.2.3';
export const INSTANCE = `${STUDY}/series/1.2.3.4/instances/1.2.3.4.5`;

/** GETs below the mount path. */
export function get(targets: readonly string[], headers: readonly string[] = []): readonly Attack[] {
  return targets.map((target) => ({ method: 'GET', target: `/dicom-web${target}`, headers, body: '' }));
}

/** A POST below the mount path. */
export function post(target: string, headers: readonly string[], body: string): Attack {
  return { method: 'POST', target: `/dicom-web${target}`, headers, body };
}
