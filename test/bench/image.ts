/**
 * A program: the image of config/container/Dockerfile, made without Docker. Its instructions are carried out in their order, with roots of Debian
 * in the place of its base images; then the server and a worker run in it as compose.yaml runs them, with Redis beside them: by the image's user, without rights,
 * with a read-only root, until the health check of the image holds. Needs root, debootstrap, Redis and the network.
 *
 *   node image.ts [--root /tmp/samepoint-guide]
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBareRoot } from '../containers/bareMachine.ts';
import { ImageBuild } from '../containers/imageBuild.ts';
import { ImageTrial } from '../containers/imageTrial.ts';
import { ROOT } from '../support/paths.ts';

const { values } = parseArgs({ options: { root: { type: 'string', default: '/tmp/samepoint-guide' } } });

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const bare = join(values.root, 'bare');
await makeBareRoot(bare);
const build = new ImageBuild(bare, values.root, say);
const image = await build.build(await readFile(join(ROOT, 'config/container/Dockerfile'), 'utf8'));
const trial = await ImageTrial.open(image, build.settings, say);
try {
  await trial.serves();
  await trial.works();
} finally {
  await trial.close();
}
say('== done');
