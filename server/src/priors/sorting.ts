/**
 * Which studies of a Patient ID are earlier ones of the patient.
 * @module
 */
import type { PatientIdentity } from '../access/index.ts';
import { isLater, newestFirst, ownershipOf } from './studies.ts';
import type { ListedStudy } from './studies.ts';
import type { OmittedPriors } from './types.ts';

/** What is sorted. */
interface Sortable {
  readonly study: ListedStudy;
}

/** Studies that are sorted out, by reason. */
type SortedOut = Pick<OmittedPriors, 'later' | 'otherIssuer' | 'unsurePatient'>;

/** Sorts out studies of other patients and later ones, and counts them. */
export class Sorting {
  readonly #current: ListedStudy;
  /** Whoever the PACS names under the Patient ID. */
  readonly #patients: PatientIdentity[];
  readonly #left = { later: 0, otherIssuer: 0, unsurePatient: 0 };

  constructor(current: ListedStudy) {
    this.#current = current;
    this.#patients = [current.patient];
  }

  get left(): SortedOut {
    return this.#left;
  }

  /**
   * The others, newest first.
   * @param isFinal no header will say more: whose study is not certain is omitted, too
   */
  sort<T extends Sortable>(priors: readonly T[], isFinal: boolean): readonly T[] {
    this.#patients.push(...priors.map(({ study }) => study.patient));
    return priors
      .filter((prior) => this.#keeps(prior, isFinal))
      .sort((one, other) => newestFirst(one.study, other.study));
  }

  #keeps({ study }: Sortable, isFinal: boolean): boolean {
    const ownership = ownershipOf(study.patient, this.#current.patient, this.#patients);
    if (ownership === 'other') this.#left.otherIssuer += 1;
    else if (isFinal && (ownership === 'unsure' || isUnnamed(study))) this.#left.unsurePatient += 1;
    else if (isLater(study, this.#current)) this.#left.later += 1;
    else return true;
    return false;
  }
}

/** True where neither the list of the PACS nor an image says whose study it is. */
function isUnnamed({ patient }: ListedStudy): boolean {
  return patient.patientId === undefined;
}
