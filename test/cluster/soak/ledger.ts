import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { LAB } from '../lab.ts';

/** What became of one request that was not answered with 200. */
interface Loss {
  readonly id: string;
  readonly what: string;
}

export interface Balance {
  readonly sent: number;
  readonly answered: number;
  readonly lost: readonly Loss[];
  /** Ids that reached an app more than once. */
  readonly doubled: readonly string[];
  /** Ids that were answered with 200, though no app has seen them. */
  readonly unseen: readonly string[];
}

const APP_LOG = '_user-container.log';

/** Ids in the logs of all apps of a namespace, also of pods that are gone, with how often each arrived. */
export function servedIn(namespace: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const folder = join(LAB.run, 'pods');
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${namespace}_`) || !file.endsWith(APP_LOG)) continue;
    for (const [, id = ''] of readFileSync(join(folder, file), 'utf8').matchAll(/^served (\S+)$/gm))
      times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

/** Every request that was sent, and what its client saw of it. */
export class Ledger {
  readonly #answered = new Set<string>();
  readonly #lost: Loss[] = [];
  #sent = 0;

  /** A new request; its id. What it was sent for stands in it. */
  send(why: string): string {
    this.#sent += 1;
    return `${why}-${this.#sent}`;
  }

  answered(id: string): void {
    this.#answered.add(id);
  }

  lost(id: string, what: string): void {
    this.#lost.push({ id, what });
  }

  /** Once nothing is under way: what clients saw, beside what the apps of the namespace did. */
  balance(namespace: string): Balance {
    const served = servedIn(namespace);
    return {
      sent: this.#sent,
      answered: this.#answered.size,
      lost: this.#lost,
      doubled: [...served].filter(([, times]) => times > 1).map(([id]) => id),
      unseen: [...this.#answered].filter((id) => !served.has(id)),
    };
  }
}
