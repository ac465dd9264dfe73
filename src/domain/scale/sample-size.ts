/** Population below which all are asked. */
const ALL = 3;
/** Units that are asked of an infinite population: 95 % confidence, a margin of 5, a variance of 100. */
const LARGEST = 15.3664;

/** How many of `population` pods stand for all of them: at most 16 (serving: pkg/autoscaler/metrics/sample_size.go). */
export function sampleSize(population: number): number {
  if (population <= ALL) return Math.max(population, 0);
  return Math.ceil((population * LARGEST) / (population + LARGEST - 1));
}
