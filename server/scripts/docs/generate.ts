/** Writes the generated pages of docs/: `npm run docs -w @samepoint/server`. */
import { writeFile } from 'node:fs/promises';
import { generatedPages } from './pages.ts';

for (const [file, page] of Object.entries(generatedPages)) await writeFile(file, page());
