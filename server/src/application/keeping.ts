import { createKeptMatches } from '../keptMatches/index.ts';
import type { Modules, Ports } from '../ports/index.ts';
import type { MatchRequest } from './types.ts';

/**
 * The modules for a request. Where matches are precomputed, they are looked for among those that are kept; those that no reader has
 * requested are kept.
 */
export function keepingModules(
  { modules, cache }: Pick<Ports, 'modules' | 'cache'>,
  { version, precomputes = false }: { readonly version: string; readonly precomputes?: boolean },
): (request: Pick<MatchRequest, 'isPrecomputed'>) => Modules {
  if (!precomputes) return () => modules;
  const matchPoints = modules.matchPoints.bind(modules);
  const { match, matchAndKeep } = createKeptMatches({ matchPoints, cache, version });
  const [reading, keeping] = [match, matchAndKeep].map((one) => ({ ...modules, matchPoints: one }));
  return ({ isPrecomputed }) => (isPrecomputed === true ? keeping : reading) ?? modules;
}
