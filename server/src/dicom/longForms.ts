/**
 * A byte stream for dicom-parser 1.8.21, which knows only some of the value representations whose length has 32 bits: it reads
 * the others (OV, SV, UV) with 16 bits, and everything behind them is lost.
 * @module
 */
import dicomParser from 'dicom-parser';

/** Value representations whose length has 16 bits (PS3.5 7.1.2); that of all others has 32, those that are still to come too. */
const SHORT_FORMS = new Set('AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US'.split(' '));
/** Those of 32 bits that the package knows. */
const KNOWN_LONG_FORMS = new Set('OB OD OF OL OW SQ UC UN UR UT'.split(' '));
/** What the package reads like every other value of bytes. */
const BYTES = 'OB';
const VR = /^[A-Z]{2}$/;

/** Gives `OB` in place of a value representation that the package does not know. */
export class LongFormStream extends dicomParser.ByteStream {
  override readFixedString = (length: number): string => {
    const text = dicomParser.readFixedString(this.byteArray, this.position, length);
    this.position += length;
    const isUnknown = VR.test(text) && !SHORT_FORMS.has(text) && !KNOWN_LONG_FORMS.has(text);
    return isUnknown ? BYTES : text;
  };
}
