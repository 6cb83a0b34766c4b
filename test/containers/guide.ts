import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/paths.ts';

/** A block of commands of docs/install.md. */
export interface GuideBlock {
  /** The heading above it, e.g. "Without containers". */
  readonly section: string;
  /** The bold words that begin the step, e.g. "The program"; the section's where it has no numbered steps. */
  readonly step: string;
  /** As they are typed, without the indentation of the page. */
  readonly commands: string;
}

/** The step's number and its bold words. */
const STEP = /^(\d+)\. \*\*([^*]+?)\.?\*\*/u;
const FENCE = /^( *)```(\w*)$/u;
const HEADING = /^(##|###) (.*)$/u;

/** A block that has begun. */
interface OpenBlock {
  readonly indent: string;
  readonly isCommands: boolean;
  readonly lines: string[];
}

/** The blocks of commands (`sh`) of a page, in their order. */
export function blocksOf(page: string): readonly GuideBlock[] {
  const blocks: GuideBlock[] = [];
  let place = { section: '', step: '' };
  let open: OpenBlock | undefined;
  for (const line of page.split('\n')) {
    const fence = FENCE.exec(line);
    if (open === undefined) {
      if (fence === null) place = placeAfter(place, line);
      else open = { indent: fence[1] ?? '', isCommands: fence[2] === 'sh', lines: [] };
    } else if (fence === null) {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    } else {
      if (open.isCommands) blocks.push({ ...place, commands: open.lines.join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

/** Section and step after a line of text. */
function placeAfter(place: Omit<GuideBlock, 'commands'>, line: string): Omit<GuideBlock, 'commands'> {
  const [, level, heading = ''] = HEADING.exec(line) ?? [];
  if (level === '##') return { section: heading, step: heading };
  return { ...place, step: level === '###' ? heading : (STEP.exec(line)?.[2] ?? place.step) };
}

/** The page itself. */
export const GUIDE = readFileSync(join(ROOT, 'docs/install.md'), 'utf8');

/** The commands of one step of the guide. @throws where it has none */
export function commandsOf(section: string, step = section): string {
  const found = blocksOf(GUIDE).filter((block) => block.section === section && block.step === step);
  if (found.length === 0) throw new Error(`docs/install.md has no commands for "${section}", "${step}"`);
  return found.map(({ commands }) => commands).join('\n');
}
