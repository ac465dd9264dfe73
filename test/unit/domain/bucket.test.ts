import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { bucketsOf } from '../../../src/domain/bucket.ts';
import { leaseNamesOf } from '../../../src/domain/config/lease-name.ts';
import { keyOf } from '../../../src/domain/key.ts';

const KEYS = Array.from({ length: 20_000 }, (_, i) =>
  keyOf(`team-${i % 37}`, `service-${i}-${String((i % 7) + 1).padStart(5, '0')}`),
);

// Of hash.NewBucketSet (pkg: hash/bucketer.go) for KEYS: the first 24, and the beginning of the SHA-256 of all, each with a comma behind it.
test.each([
  [1, '000000000000000000000000', '07ff398dd0f189e2'],
  [2, '001010110111110000110110', '19e590efc1926dd7'],
  [3, '000222121212100120212122', '28ba9a5fc3b5a7e0'],
  [4, '021021023123233332210322', 'b2a60a1f46214565'],
  [5, '433113404000234104033142', '931c339e34b21183'],
  [6, '201343333121154430303120', '8469ac0386039d9d'],
  [7, '244021204510140431442033', '958527d791254e6d'],
  [8, '552374466653335713056304', '2e21f073811692dc'],
  [9, '151330708253033368554136', '11d43a9709e406bf'],
  [10, '765260951236549573000365', '6b3bad3f8d003aac'],
])('of %d buckets each key has the one that Knative gives it', (count, first, digest) => {
  const buckets = leaseNamesOf(['hpa.autoscaling.knative.dev'], count);
  const bucketOf = bucketsOf(buckets);
  const owners = KEYS.map((key) => buckets.indexOf(bucketOf(key)));
  expect(owners.slice(0, 24).join('')).toBe(first);
  const all = createHash('sha256').update(owners.map((owner) => `${owner},`).join(''));
  expect(all.digest('hex').slice(0, 16)).toBe(digest);
});
