import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { TlsMaterial } from '../kube/identity.ts';

const SOCKETS = 16;
/** Below what servers and load balancers keep an idle connection for. */
const IDLE = 30_000;
const OPTIONS = { keepAlive: true, maxSockets: SOCKETS, maxTotalSockets: SOCKETS, timeout: IDLE } as const;

/** The connections to one server, at most 16, kept open. A new TLS identity gets new ones. */
export class Sockets {
  readonly #plain = new HttpAgent(OPTIONS);
  #tls: { readonly material: TlsMaterial; readonly agent: HttpsAgent } | undefined;

  agents(material: TlsMaterial): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } {
    if (this.#tls?.material !== material) {
      this.#retire();
      this.#tls = { material, agent: new HttpsAgent({ ...OPTIONS, ...material }) };
    }
    return { httpAgent: this.#plain, httpsAgent: this.#tls.agent };
  }

  close(): void {
    this.#plain.destroy();
    this.#tls?.agent.destroy();
    this.#tls = undefined;
  }

  /** Idle connections of the old identity close; those in use end with their answer. */
  #retire(): void {
    const old = this.#tls?.agent;
    for (const idle of Object.values(old?.freeSockets ?? {}))
      for (const socket of idle ?? []) socket.destroy();
  }
}
