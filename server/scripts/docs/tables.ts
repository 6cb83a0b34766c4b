/** Prettier would pad every cell of a table to the longest one of its column: 300 characters, and a diff in each row. */
export const KEEP_TABLES_START = '<!-- prettier-ignore-start -->\n';
export const KEEP_TABLES_END = '<!-- prettier-ignore-end -->\n';
