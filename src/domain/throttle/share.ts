/** Which of `of` shims is asked, counted from 0. Undefined: it is not in the path, or alone in it. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/**
 * The pods that one of several shims sends requests to, so that together they keep to `containerConcurrency` (serving:
 * pkg/activator/net/throttler.go): of pods in the same order everywhere, each shim has as many, one after another; what is left over goes
 * to the first shims, one each; where there are fewer pods than shims, each has one. Without a limit, or without a share, all pods.
 */
export function sharedPods<T>(pods: readonly T[], share: Share | undefined, limited: boolean): readonly T[] {
  if (!limited || share === undefined || share.of <= 1 || pods.length <= 1) return pods;
  const { index, of } = share;
  if (of > pods.length) return pods.slice(index % pods.length, (index % pods.length) + 1);
  const each = Math.floor(pods.length / of);
  const left = pods.slice(each * of);
  return [...pods.slice(index * each, (index + 1) * each), ...left.slice(index, index + 1)];
}

/** Where `address` stands among the addresses of the shims that are in the path of a revision. */
export function shareOf(address: string, addresses: readonly string[]): Share | undefined {
  const index = [...addresses].sort().indexOf(address);
  return index < 0 ? undefined : { index, of: addresses.length };
}
