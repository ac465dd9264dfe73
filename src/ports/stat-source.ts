import type { Result } from '../domain/result.ts';
import type { Stat } from '../domain/scale/stat.ts';

/** Why a pod, or the Service in front of pods, told nothing. */
export interface StatFailure {
  /** One sentence. */
  readonly message: string;
  /** The answer was 502 or 503, which a mesh gives to those who ask pods by address. */
  readonly likeMesh: boolean;
}

/** Where queue-proxies tell their requests. */
export interface StatSource {
  /**
   * Asks an address, or the name of a Service. `inNameOf`: the Service by whose name a mesh lets requests through to the address. Never
   * rejects; an answer comes within 3 s.
   */
  ask(host: string, inNameOf?: string): Promise<Result<Stat, StatFailure>>;
}
