/** Lets timers, sockets and other work of the process have a turn, so that a long loop does not hold everything up. */
export const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Maps the items in portions, giving way between them. */
export async function mapGently<A, B>(
  items: readonly A[],
  portion: number,
  map: (item: A) => B,
): Promise<readonly B[]> {
  const mapped: B[] = [];
  for (const item of items) {
    mapped.push(map(item));
    if (mapped.length % portion === 0) await giveWay();
  }
  return mapped;
}
