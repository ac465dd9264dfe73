import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { authorityOf } from '../../domain/authority.ts';
import type { Key } from '../../domain/key.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { ActivatorPage, type ActivatorLoad } from '../../domain/zero/activator-metrics.ts';
import type { ActivatorMetrics } from '../../ports/activator-metrics.ts';

/** Where programs of Knative tell their metrics, if nothing else is said. */
const PORT = 9090;
/** Milliseconds for the whole page. */
const DEADLINE = 3000;

type Loads = ReadonlyMap<Key, ActivatorLoad>;

/** Reads the pages over HTTP as they arrive. */
export class HttpActivatorMetrics implements ActivatorMetrics {
  readonly #port: number;

  constructor({ port = PORT }: { readonly port?: number } = {}) {
    this.#port = port;
  }

  ask(address: string): Promise<Result<Loads, string>> {
    const at = authorityOf(address, this.#port);
    return new Promise((resolve) => {
      const asking = request(`http://${at}/metrics`, { agent: false, signal: AbortSignal.timeout(DEADLINE) });
      const failed = (why: string): void => resolve(err(`${at} ${why}`));
      asking.on('error', ({ name, message }) =>
        failed(
          name === 'AbortError' || name === 'TimeoutError'
            ? 'did not answer within 3 s'
            : `cannot be asked: ${message}`,
        ),
      );
      asking.on('response', (answer) => {
        if (answer.statusCode !== 200) {
          answer.destroy();
          failed(`answered ${answer.statusCode ?? 0}`);
          return;
        }
        read(answer).then(
          (loads) => resolve(ok(loads)),
          () => failed('broke off'),
        );
      });
      asking.end();
    });
  }
}

async function read(answer: IncomingMessage): Promise<Loads> {
  const page = new ActivatorPage();
  for await (const line of createInterface({ input: answer, crlfDelay: Infinity })) page.line(line);
  // Lines end when the connection does, however much of the page has come.
  if (!answer.complete) throw new Error('incomplete');
  return page.loads();
}
