import type { MatchResult, SeriesWarning } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { createEmbedder } from '../../embedding/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { MatchMethod, QueryPoint } from '../../matching/index.ts';
import {
  parseInput,
  parsePoint,
  printJson,
  progressLine,
  warningLogger,
  alignTarget,
  embedFiles,
} from '../../workbench/index.ts';
import type { FilesInput, SeriesInput, CliIo } from '../../workbench/index.ts';
import type { VolumeModality } from '../../volume/index.ts';
import { connect, openModules, threadsOf } from '../../composition/index.ts';
import type { OpenModules } from '../../composition/index.ts';
import { assertPresetOf, inOriginalForm, originalModels } from '../preset/original.ts';
import type { Preset } from '../preset/original.ts';

/** Options of `samepoint match`. */
export interface MatchCommand {
  readonly config: Config;
  readonly model?: string | undefined;
  /** The default one where absent. */
  readonly method?: MatchMethod | undefined;
  /** Of NIfTI files: of the query and of the target, or one for both. */
  readonly modalities?: readonly VolumeModality[] | undefined;
  /** Of files: false where they are embedded whatever the cache holds. */
  readonly useCache?: boolean;
  /** Conventions of another implementation. */
  readonly preset?: Preset | undefined;
  /** True where answers of structural inference shall have their fixed points. */
  readonly fixedPoints?: boolean | undefined;
  /** "x,y,z" in patient LPS mm of the query series. */
  readonly points: readonly string[];
}

/** Outcomes of files name no target: there is one. */
type Answer = { readonly matches: readonly object[] } & Pick<MatchResult, 'warnings'>;

type Inputs = { readonly query: SeriesInput; readonly target: SeriesInput };

async function matchInPacs(
  { query, target }: Record<'query' | 'target', Extract<SeriesInput, { kind: 'pacs' }>>,
  points: readonly QueryPoint[],
  { config, model, method, fixedPoints }: MatchCommand,
  open: OpenModules,
  io: CliIo,
): Promise<Answer> {
  const { samepoint, caller } = connect(config, open, warningLogger(io));
  const request = { query: query.series, targets: [target.series], points, model, method, fixedPoints };
  const plan = await samepoint.planMatch(request, caller, io.signal);
  const line = progressLine(io);
  const onProgress = ({ fraction, message }: { fraction: number; message: string }): void => {
    line.show(fraction, message);
  };
  const answer = await plan.run({ signal: io.signal, onProgress });
  line.clear();
  return answer;
}

function warningsOf({ volume }: Embedding): readonly SeriesWarning[] {
  const { studyInstanceUid, seriesInstanceUid, warnings } = volume;
  return warnings.map((warning) => ({ series: { studyInstanceUid, seriesInstanceUid }, ...warning }));
}

/** For whoever reads the terminal while the JSON goes into a file. */
function printWarnings({ stderr }: CliIo, warnings: readonly SeriesWarning[]): void {
  for (const { series, code, message } of warnings) {
    stderr.write(`warning: series ${series.seriesInstanceUid}: ${message} [${code}]\n`);
  }
}

async function matchInputs(
  { query, target }: Inputs,
  points: readonly QueryPoint[],
  command: MatchCommand,
  open: OpenModules,
  io: CliIo,
): Promise<Answer> {
  if (query.kind === 'pacs' && target.kind === 'pacs') {
    if (command.preset !== undefined) {
      const reason = 'works on files, not on series of the PACS';
      throw new SamepointError('cli/unreadable-input', { input: '--preset', reason });
    }
    return await matchInPacs({ query, target }, points, command, open, io);
  }
  if (query.kind === 'pacs' || target.kind === 'pacs') {
    const reason = 'one series is in the PACS and the other in files; give both in the same way';
    throw new SamepointError('cli/unreadable-input', { input: 'match', reason });
  }
  return await matchFiles({ query, target }, points, command, open, io);
}

async function matchFiles(
  { query, target }: Record<'query' | 'target', FilesInput>,
  points: readonly QueryPoint[],
  command: MatchCommand,
  open: Pick<OpenModules, 'models' | 'embedder' | 'cache' | 'modules'>,
  io: CliIo,
): Promise<Answer> {
  const { config, fixedPoints, useCache = true } = command;
  const { id, manifest } = open.models.get(command.model ?? config.models.default);
  const embedding = { open, model: id, io, useCache };
  const embedded = {
    query: await embedFiles(query, embedding),
    target: await embedFiles(target, embedding),
  };
  const method = command.method === undefined ? {} : { method: command.method };
  const aligned = await alignTarget(embedded, open, io);
  const request = {
    ...embedded,
    ...aligned,
    ...method,
    fixedPoints,
    model: manifest,
    points,
    signal: io.signal,
  };
  const original = command.preset === undefined ? request : inOriginalForm(request);
  const warnings = [...warningsOf(embedded.query), ...warningsOf(embedded.target), ...aligned.warnings];
  return { matches: await open.modules.matchPoints(original), warnings };
}

/** The modules with models as a preset has them. */
async function withPreset(
  open: OpenModules,
  { config, preset }: MatchCommand,
  work: (open: OpenModules) => Promise<Answer>,
): Promise<Answer> {
  if (preset === undefined) return await work(open);
  const models = originalModels(open.models);
  const { providers, threads } = config.embedding;
  const embedder = createEmbedder({ models, providers, threads: threadsOf(threads) });
  try {
    return await work({ ...open, models, embedder });
  } finally {
    await embedder.close();
  }
}

/** Finds points of one series in another and prints the outcomes and the warnings of both series as JSON. */
export async function match(
  queryText: string,
  targetText: string,
  command: MatchCommand,
  io: CliIo,
): Promise<void> {
  if (command.preset !== undefined) assertPresetOf(command.method);
  const points = command.points.map((text, index) => ({
    id: String(index + 1),
    lps: lpsPoint(...parsePoint(text)),
  }));
  const [ofQuery, ofTarget = ofQuery] = command.modalities ?? [];
  const inputs = {
    query: await parseInput(queryText, ofQuery),
    target: await parseInput(targetText, ofTarget),
  };
  const open = await openModules(command.config, warningLogger(io), 'guest');
  try {
    const answer = await withPreset(open, command, (modules) =>
      matchInputs(inputs, points, command, modules, io),
    );
    printWarnings(io, answer.warnings);
    printJson(io, answer);
  } finally {
    await open.close();
  }
}
