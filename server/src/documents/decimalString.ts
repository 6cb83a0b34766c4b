/** Longest text of a DS value (PS3.5 6.2). */
const DECIMAL_STRING_LENGTH = 16;

/** A number as DS: as many digits as fit. The exact value goes into Floating Point Value beside it. */
export function decimalString(value: number): string {
  for (let digits = 16; digits > 1; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= DECIMAL_STRING_LENGTH) return text;
  }
  return value.toExponential(0);
}
