import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const TABLE = 'hpa_bridge_test';
/** Pods, but not who runs in the lab's own namespace (lab/env.sh). */
const PODS = '10.244.0.0/16';
const HOST = '10.244.0.1';

/** Where queue-proxies tell their requests. */
const REPORTS = 9090;

function nft(commands: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile('nft', ['-f', '-'], (error: Error | null) =>
      error === null ? resolve() : reject(error),
    );
    child.stdin?.end(commands);
  });
}

/**
 * Comes between the processes of this network namespace (a bridge that a case started) and the reports of pods. Only who asks a pod by its
 * address is met: connections through a Service are known by the address that they were made to.
 */
export class Firewall implements AsyncDisposable {
  readonly #unavailable: Server;

  private constructor(unavailable: Server) {
    this.#unavailable = unavailable;
  }

  static async up(): Promise<Firewall> {
    const unavailable = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>((resolve) => unavailable.listen(0, '127.0.0.1', resolve));
    const firewall = new Firewall(unavailable);
    await firewall.open();
    return firewall;
  }

  /** Everybody answers again. */
  async open(): Promise<void> {
    await nft(`add table ip ${TABLE}\ndelete table ip ${TABLE}\n`);
  }

  /** These pods do not answer any more: what is sent to them is lost. */
  async silence(addresses: readonly string[]): Promise<void> {
    await this.#closed(`ct original ip daddr { ${addresses.join(', ')} } tcp dport ${REPORTS} drop`);
  }

  /** Nobody gets through to a pod by its address. */
  async refuseAll(): Promise<void> {
    await this.#closed(
      `ct original ip daddr ${PODS} ct original ip daddr != ${HOST} tcp dport ${REPORTS} reject with tcp reset`,
    );
  }

  /** Whoever asks a pod by its address on a new connection is answered with 503, as a mesh does. */
  async unavailableAll(): Promise<void> {
    const { port } = this.#unavailable.address() as AddressInfo;
    // Before kube-proxy has replaced the address of a Service by one of a pod.
    await nft(`table ip ${TABLE} {
      chain redirected {
        type nat hook output priority -110;
        ip daddr ${PODS} ip daddr != ${HOST} tcp dport ${REPORTS} redirect to :${port}
      }
    }\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open();
    this.#unavailable.closeAllConnections();
    await new Promise((resolve) => this.#unavailable.close(resolve));
  }

  async #closed(rule: string): Promise<void> {
    await this.open();
    await nft(`table ip ${TABLE} { chain closed { type filter hook output priority 0; ${rule}; }\n}\n`);
  }
}
