#!/usr/bin/env node
// The command, at a path that exists before the build: npm links it when it installs the workspaces.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('Samepoint is not built yet. Run: npm run setup\n');
  process.exitCode = 1;
}
