import type { X509Certificate } from 'node:crypto';
import { instant } from '../../domain/time.ts';
import type { ClientCertificate, Validity } from '../../ports/tls-server.ts';
import { allows, CLIENT_AUTH, isIssuedBy, namesIn, readBundle, validityOf } from './x509.ts';

/** More certificates than any chain has. */
const LONGEST_CHAIN = 8;
/** Bundles of one connection: there are two, and they seldom change. */
const MOST_KEPT = 4;

const shorter = (a: Validity, b: Validity): Validity => ({
  from: instant(Math.max(a.from, b.from)),
  until: instant(Math.min(a.until, b.until)),
});

/**
 * The way to one of the roots that holds for longest, along the certificates in the order of the client. Only that order is tried: with
 * all others, a client could make us check signatures for seconds.
 */
function wayTo(roots: readonly X509Certificate[], leaf: X509Certificate): Validity | undefined {
  const ways: Validity[] = [];
  let reached = validityOf(leaf);
  let at = leaf;
  for (let depth = 0; depth < LONGEST_CHAIN && allows(at, CLIENT_AUTH); depth += 1) {
    for (const root of roots)
      if (allows(root, CLIENT_AUTH) && isIssuedBy(at, root)) ways.push(shorter(reached, validityOf(root)));
    const next = at.issuerCertificate;
    if (next === undefined || next.fingerprint256 === at.fingerprint256 || !isIssuedBy(at, next)) break;
    reached = shorter(reached, validityOf(next));
    at = next;
  }
  return ways.sort((a, b) => b.until - a.until)[0];
}

/** What a client showed on its connection; chains are looked for once per bundle. */
export class ShownCertificate implements ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly #leaf: X509Certificate;
  readonly #known = new Map<string, Validity | undefined>();

  constructor(leaf: X509Certificate) {
    this.#leaf = leaf;
    const names = namesIn(leaf);
    this.commonName = names.commonName;
    this.organizations = names.organizations;
  }

  trusted(bundle: string): Validity | undefined {
    if (this.#known.has(bundle)) return this.#known.get(bundle);
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    const found = wayTo(readBundle(bundle), this.#leaf);
    this.#known.set(bundle, found);
    return found;
  }
}
