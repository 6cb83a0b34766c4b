/**
 * Lungs that the field of view cuts. To the filling of a body slice by slice they look like air around the patient, because the border
 * of the image, or of the reconstruction circle, reaches them. They differ from air by density, and from mattresses and clothes by
 * their vessels: a mattress is the same in neighbouring slices, a lung is not.
 * @module
 */
import type { TensorDims, ValueGrid } from './preprocess.ts';
import { fillAxialHoles, forNeighbours, isBeside, partsOf, rowsOf } from './regions.ts';
import type { Part } from './regions.ts';

/** Mean of a voxel of some millimetres: air around the patient is lighter, lung is denser where it is not emphysema; HU. */
const AIR_HU = -960;
/** Smaller parts are the rims of skin and clothes, voxels. */
const SMALLEST_PART = 20;
/** The same for parts that reach no end of the view themselves, voxels: the rim through which they are open is thin. */
const SMALLEST_INNER_PART = 1000;
/** How far along an axis the neighbours are that distinguish a lung from a mattress, voxels. */
const STEP = 2;
/** Mean difference between the slices of a lung; that of a mattress is below 45, HU. */
const LEAST_CHANGE_HU = 40;
/** Least share of the change within a slice that there is between slices: 0.8 to 1.1 in lungs, 0.1 to 0.6 in mattresses and tables. */
const LEAST_RATIO = 0.75;
/** Largest share of a lung's surface that air may touch: emphysema and bronchi. */
const LARGEST_AIR_SHARE = 0.42;
/** Share of the lungs that one connected part of air in them may have: a lung full of emphysema. */
const LARGEST_AIR_PART = 0.5;
/** Fewer faces towards air are no emphysema; share of the voxels of the lungs. */
const LEAST_AIR_CONTACT = 0.01;
/** Air is inside a lung where most of what it touches is lung. */
const LEAST_LUNG_SHARE = 0.5;

/** What a voxel is. */
const AIR = 0;
const BODY = 1;
const LUNG_LIKE = 2;
const OUT_OF_VIEW = 3;

/**
 * Adds lungs that the field of view opens to a mask of the body, in place.
 * @param mask 1 for the body, its axial holes filled
 * @param padding 1 for voxels that were never acquired
 * @param grid HU on a grid of some millimetres
 */
export function addOpenLungs(mask: Uint8Array, padding: Uint8Array, grid: ValueGrid): void {
  const { dims } = grid;
  const kinds = kindsOf(mask, padding, grid);
  if (!isOpen(kinds, dims)) return;
  const lungs = new Uint8Array(mask.length);
  let [voxels, air] = [0, 0];
  for (const part of partsOf(coreOf(kinds, dims), dims)) {
    const contacts = part.voxels.length < SMALLEST_PART ? undefined : contactsOfLung(part, kinds, grid);
    if (contacts === undefined) continue;
    voxels += part.voxels.length;
    air += contacts.air;
    markWithRim(part, kinds, dims, lungs);
  }
  if (voxels === 0) return;
  if (air > LEAST_AIR_CONTACT * voxels) addAirInside(lungs, kinds, dims);
  for (let voxel = 0; voxel < mask.length; voxel += 1) if (lungs[voxel] === 1) mask[voxel] = 1;
  fillAxialHoles(mask, dims);
}

function kindsOf(mask: Uint8Array, padding: Uint8Array, { values, dims }: ValueGrid): Uint8Array {
  const kinds = new Uint8Array(mask.length);
  for (const row of rowsOf(dims)) {
    for (let voxel = row.first; voxel < row.end; voxel += 1) {
      if (mask[voxel] === 1) kinds[voxel] = BODY;
      // The rim of the padding is a mixture.
      else if (padding[voxel] === 1 || isBeside(1, padding, voxel, row)) kinds[voxel] = OUT_OF_VIEW;
      else kinds[voxel] = (values[voxel] ?? 0) > AIR_HU ? LUNG_LIKE : AIR;
    }
  }
  return kinds;
}

/** True where enough of what looks like lung lies at the end of the view: most scans show the whole body. */
function isOpen(kinds: Uint8Array, [nz, ny, nx]: TensorDims): boolean {
  let count = 0;
  for (let row = 0; row < nz * ny; row += 1) {
    const isBorderRow = row % ny === 0 || row % ny === ny - 1;
    for (let x = 0, voxel = row * nx; x < nx; x += 1, voxel += 1) {
      if (kinds[voxel] !== LUNG_LIKE) continue;
      const isBorder = isBorderRow || x === 0 || x === nx - 1;
      if (isBorder || isBesidePadding(kinds, voxel, nx)) count += 1;
    }
  }
  return count >= SMALLEST_PART;
}

/** True where the view ends beside a voxel that is not at the border of its slice. */
function isBesidePadding(kinds: Uint8Array, voxel: number, nx: number): boolean {
  return (
    kinds[voxel - 1] === OUT_OF_VIEW ||
    kinds[voxel + 1] === OUT_OF_VIEW ||
    kinds[voxel - nx] === OUT_OF_VIEW ||
    kinds[voxel + nx] === OUT_OF_VIEW
  );
}

/** What is lung-like and not next to air: neither the body nor the end of the view is a surface. */
function coreOf(kinds: Uint8Array, dims: TensorDims): Uint8Array {
  const core = new Uint8Array(kinds.length);
  for (const row of rowsOf(dims))
    for (let voxel = row.first; voxel < row.end; voxel += 1)
      if (kinds[voxel] === LUNG_LIKE && !isBeside(AIR, kinds, voxel, row)) core[voxel] = 1;
  return core;
}

/** Marks the voxels of a part and their lung-like neighbours: the rim that its core does not have. */
function markWithRim({ voxels }: Part, kinds: Uint8Array, dims: TensorDims, lungs: Uint8Array): void {
  for (const voxel of voxels) {
    lungs[voxel] = 1;
    forNeighbours(voxel, dims, (next) => {
      if (kinds[next] === LUNG_LIKE) lungs[next] = 1;
    });
  }
}

/** What a part touches where it is a lung; undefined where it is none. */
function contactsOfLung(part: Part, kinds: Uint8Array, { values, dims }: ValueGrid): Contacts | undefined {
  const [, ny, nx] = dims;
  const along = changeBetween(part, values, [STEP * ny * nx]);
  if (along < LEAST_CHANGE_HU || along < LEAST_RATIO * changeBetween(part, values, [STEP, STEP * nx]))
    return undefined;
  const contacts = contactsOf(part, kinds, dims);
  const { air, body, open } = contacts;
  if (open === 0 && part.voxels.length < SMALLEST_INNER_PART) return undefined;
  return air < LARGEST_AIR_SHARE * (air + body + open) ? contacts : undefined;
}

/** Mean absolute difference between voxels of a part that are so many voxels apart, HU. */
function changeBetween(
  { voxels, label, labels }: Part,
  values: ValueGrid['values'],
  steps: readonly number[],
): number {
  let [sum, count] = [0, 0];
  for (const step of steps) {
    for (let n = 0; n < voxels.length; n += 1) {
      const voxel = voxels[n] ?? 0;
      if (labels[voxel + step] !== label) continue;
      sum += Math.abs((values[voxel + step] ?? 0) - (values[voxel] ?? 0));
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Faces of a part by what lies behind them. */
interface Contacts {
  air: number;
  body: number;
  lung: number;
  /** Ends of the view within the slice; the first and the last slice are no surface. */
  open: number;
}

/** Looks two voxels far: the rim of a part may be a mixture of what lies on either side. */
const REACH = 2;

function contactsOf({ voxels, label, labels }: Part, kinds: Uint8Array, [nz, ny, nx]: TensorDims): Contacts {
  const contacts: Contacts = { air: 0, body: 0, lung: 0, open: 0 };
  const look = (voxel: number, step: number, within: number): void => {
    for (let reach = 1; reach <= REACH; reach += 1) {
      if (reach > within) {
        if (Math.abs(step) < ny * nx) contacts.open += 1;
        return;
      }
      const next = voxel + reach * step;
      if (labels[next] === label) return;
      const kind = kinds[next];
      if (kind === OUT_OF_VIEW) contacts.open += 1;
      else if (kind === BODY) contacts.body += 1;
      else if (kind === AIR) contacts.air += 1;
      else {
        contacts.lung += reach === REACH ? 1 : 0;
        continue;
      }
      return;
    }
  };
  for (let n = 0; n < voxels.length; n += 1) {
    const voxel = voxels[n] ?? 0;
    const x = voxel % nx;
    const y = Math.floor(voxel / nx) % ny;
    const z = Math.floor(voxel / (nx * ny));
    look(voxel, 1, nx - 1 - x);
    look(voxel, -1, x);
    look(voxel, nx, ny - 1 - y);
    look(voxel, -nx, y);
    look(voxel, nx * ny, nz - 1 - z);
    look(voxel, -nx * ny, z);
  }
  return contacts;
}

/** Adds air that is mostly among the lungs: bronchi and emphysema that the field of view reaches, too. */
function addAirInside(lungs: Uint8Array, kinds: Uint8Array, dims: TensorDims): void {
  const seen = kinds.slice();
  const isAir = new Uint8Array(kinds.length);
  let count = 0;
  for (let voxel = 0; voxel < seen.length; voxel += 1) {
    if (kinds[voxel] === AIR) isAir[voxel] = 1;
    count += lungs[voxel] ?? 0;
    if (lungs[voxel] === 1) seen[voxel] = LUNG_LIKE;
    else if (seen[voxel] === LUNG_LIKE) seen[voxel] = AIR;
  }
  const largest = LARGEST_AIR_PART * count;
  for (const part of partsOf(isAir, dims)) {
    if (part.voxels.length > largest) continue;
    const { lung, body } = contactsOf(part, seen, dims);
    if (lung > LEAST_LUNG_SHARE * (lung + body)) part.voxels.forEach((voxel) => (lungs[voxel] = 1));
  }
}
