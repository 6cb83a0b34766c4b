import { writeFile } from 'node:fs/promises';
import { SamepointError } from '../../errors/index.ts';
import { patchStatistics, STATISTICS, statisticsRow, toNpy, vectorsAt } from '../../features/index.ts';
import { toCsv } from '../../points/index.ts';
import { printJson, withWorkbench } from '../../workbench/index.ts';
import type { CliIo, WorkbenchOptions } from '../../workbench/index.ts';

/** Options of `samepoint features`. */
export interface FeaturesCommand extends WorkbenchOptions {
  readonly points: string;
  /** Of the patch around a point, mm. */
  readonly radius: number;
  /** .csv or .npy. */
  readonly out: string;
}

/** Writes vectors and patch statistics at points of a series, a row for each point. */
export async function features(series: string, command: FeaturesCommand, io: CliIo): Promise<void> {
  const { out, points: file, radius } = command;
  if (!/\.(csv|npy)$/iu.test(out))
    throw new SamepointError('cli/unreadable-input', {
      input: out,
      reason: 'its name ends neither in .csv nor in .npy',
    });
  await withWorkbench(command, io, async (bench) => {
    const points = await bench.points(file);
    const input = await bench.series(series);
    const places = points.map(({ lps }) => lps);
    const vectors = vectorsAt(await bench.embed(input), places);
    const volume = await bench.read(input);
    const rows = places.map((lps, n) => [
      ...lps,
      ...statisticsRow(patchStatistics(volume, lps, radius)),
      ...(vectors[n] ?? []).flatMap(({ vector }) => [...vector]),
    ]);
    const named = (vectors[0] ?? []).flatMap(({ role, vector }) =>
      Array.from(vector, (_, channel) => `${role}${String(channel)}`),
    );
    const columns = ['x', 'y', 'z', ...STATISTICS, ...named];
    const content = out.toLowerCase().endsWith('.npy')
      ? toNpy(rows, columns.length)
      : toCsv(
          ['name', ...columns],
          rows.map((row, n) => [points[n]?.name, ...row]),
        );
    await writeFile(out, content);
    printJson(io, { features: out, points: points.map(({ name }) => name), columns });
  });
}
