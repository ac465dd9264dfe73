import type { Key } from './key.ts';

const UTF8 = new TextEncoder();

/** Angles of the circle on which buckets lie: 2^11. */
const CIRCLE = 0x800;
const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const LOW_BASIS = Number(OFFSET_BASIS % BigInt(CIRCLE));
const LOW_PRIME = Number(PRIME % BigInt(CIRCLE));
const START = UTF8.encode('start-angle-salt');

/** FNV-1a with 64 bits. */
const fnv1a64 = (text: string): bigint =>
  UTF8.encode(text).reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME), OFFSET_BASIS);

/** The same modulo the circle, continued from `angle`: the low bits of a product depend on the low bits of its factors alone. */
function turned(angle: number, bytes: Uint8Array): number {
  let hash = angle;
  for (const byte of bytes) hash = ((hash ^ byte) * LOW_PRIME) % CIRCLE;
  return hash;
}

/** Where a bucket lies whose own place another one has: what was hashed is hashed again, with the hash behind it. */
function nextPlace(text: string, taken: ReadonlySet<number>): number {
  const longer = `${text}${fnv1a64(text).toString(16)}`;
  const angle = turned(LOW_BASIS, UTF8.encode(longer));
  return taken.has(angle) ? nextPlace(longer, taken) : angle;
}

/**
 * Which of the buckets (sorted, each once, at least one) a key belongs to: each key lays them on a circle of its own, starts somewhere, and
 * takes the first one that it meets (pkg: hash/hash.go). Equal to Knative's, so that controllers of both may share the keys and never
 * work on the same one.
 */
export function bucketsOf(names: readonly string[]): (key: Key) => string {
  const buckets = names.map((name) => ({ name, hashed: turned(LOW_BASIS, UTF8.encode(name)) }));
  return (key) => {
    const bytes = UTF8.encode(key);
    const start = turned(turned(LOW_BASIS, bytes), START);
    const taken = new Set<number>();
    let first = { name: '', ahead: CIRCLE };
    for (const { name, hashed } of buckets) {
      const own = turned(hashed, bytes);
      const angle = taken.has(own) ? nextPlace(`${name}${key}`, taken) : own;
      taken.add(angle);
      const ahead = (angle - start + CIRCLE) % CIRCLE;
      if (ahead < first.ahead) first = { name, ahead };
    }
    return first.name;
  };
}
