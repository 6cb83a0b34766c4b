import { join } from 'node:path';
import { SAMEPOINT_ROOT } from '../../src/config/index.ts';
import { configurationPage } from './configurationPage.ts';
import { errorsPage } from './errorsPage.ts';
import { resultsPage } from './resultsPage.ts';

/** The generated pages of docs/ by their absolute path. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  [join(SAMEPOINT_ROOT, 'docs/errors.md')]: errorsPage,
  [join(SAMEPOINT_ROOT, 'docs/configuration.md')]: configurationPage,
  [join(SAMEPOINT_ROOT, 'docs/results.md')]: resultsPage,
};
