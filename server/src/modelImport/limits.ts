/**
 * What a checkpoint may cost to read. Published ones (SAM, UAE-S, UAE-M, each with the state of its training) stay far below
 * each of these; a file that is above one was made to exhaust this machine, or is something else.
 * @module
 */

const MIB = 1024 * 1024;

/** Files of one `.pth`, bytes. A network of 80 MB with its optimizer has 250 MB. */
export const MAX_FILE_BYTES = 4 * 1024 * MIB;
/** torch writes one entry per tensor: 400, and 1,200 with the optimizer. */
export const MAX_ENTRIES = 10_000;
/** Names, comments and extra fields of all entries, bytes. torch writes 30 per entry. */
export const MAX_DIRECTORY_BYTES = 1 * MIB;
/** Bytes of one storage. The largest layer has 28 MB. */
export const MAX_STORAGE_BYTES = 64 * MIB;
/** Bytes of all that is read from one file, each time that it is read: entries of a zip file may share their bytes. */
export const MAX_TOTAL_BYTES = 2 * 1024 * MIB;
/** torch does not compress. Zipped again, pickles shrink to a tenth and trained weights hardly; zeros by 1,000. */
export const MAX_RATIO = 100;
/** Entries up to this size may shrink by any factor, bytes: a bias of zeros. */
export const SMALL_ENTRY_BYTES = 64 * 1024;

/** Bytes of a pickle. That of a network with its optimizer has 100 kB. */
export const MAX_PICKLE_BYTES = 4 * MIB;
/**
 * Instructions of the pickles of a file: 40 per tensor. Each makes one value at most, of 300 bytes at most (an empty dictionary),
 * and its work does not grow with what was made before.
 */
export const MAX_INSTRUCTIONS = 200_000;
/** Axes of a tensor; a 3-D convolution has 5. Bounds the work of one instruction. */
export const MAX_AXES = 16;
/** Longest module or class name; those of torch have 30 characters. */
export const MAX_NAME = 200;
