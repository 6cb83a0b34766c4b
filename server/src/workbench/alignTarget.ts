import type { AlignedTarget } from '../seriesEmbeddings/index.ts';
import type { MatchResult } from '../application/index.ts';
import type { OpenModules } from '../composition/index.ts';
import type { Embedding } from '../embedding/index.ts';
import type { CliIo } from './io.ts';

/** The target as it is to be matched: embedded turned where its patient does not lie like that of the query. */
export async function alignTarget(
  { query, target }: Record<'query' | 'target', Embedding>,
  { modules, embedder }: Pick<OpenModules, 'modules' | 'embedder'>,
  { signal }: Pick<CliIo, 'signal'>,
): Promise<Omit<AlignedTarget, 'warnings'> & Pick<MatchResult, 'warnings'>> {
  const { turn, isSideUnsure = false, warnings: found } = await modules.findPose(query, target, signal);
  const { studyInstanceUid, seriesInstanceUid } = target.volume;
  const warnings = found.map((warning) => ({ series: { studyInstanceUid, seriesInstanceUid }, ...warning }));
  if (turn === undefined) return { target, isSideUnsure, warnings };
  const turned = await embedder.embedTurned(target, turn, { signal });
  return { target: turned, turn, isSideUnsure, warnings };
}
