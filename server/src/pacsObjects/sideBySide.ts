/** Requests to the PACS at the same time: hides the latency of one, and is what browsers do to a server. */
const CONCURRENT_REQUESTS = 4;

/**
 * Works on all items, a few at the same time, in their order. After a failure no further one is begun.
 * @throws whatever `work` throws first
 */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  let hasFailed = false;
  const one = async (): Promise<void> => {
    for (const item of waiting) {
      if (hasFailed) return;
      await work(item).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, one));
}
