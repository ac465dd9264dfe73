import { Exporter } from './exporter.ts';
import { namespace } from './lab.ts';
import { Prometheus } from './prometheus.ts';

/** Where one case is at home: a namespace, and in it a Prometheus that the case may take away while others beside it go on. */
export interface Place {
  readonly space: string;
  readonly prometheus: Prometheus;
  /** `name{namespace="..."}` has this value from now on, in every Prometheus. */
  readonly set: (name: string, value: number) => void;
}

/** A place for each case of a file. */
export class Places<Name extends string> implements AsyncDisposable {
  readonly #places: ReadonlyMap<Name, Place>;
  readonly #home: AsyncDisposableStack;

  private constructor(places: ReadonlyMap<Name, Place>, home: AsyncDisposableStack) {
    this.#places = places;
    this.#home = home;
  }

  static async start<Name extends string>(names: readonly Name[]): Promise<Places<Name>> {
    const home = new AsyncDisposableStack();
    const exporter = home.use(await Exporter.start());
    const place = async (name: Name): Promise<readonly [Name, Place]> => {
      const space = home.use(await namespace(name));
      const prometheus = await Prometheus.start(space.name, [exporter.target]);
      const set = (metric: string, value: number): void =>
        exporter.set(`${metric}{namespace="${space.name}"}`, value);
      return [name, { space: space.name, prometheus, set }];
    };
    return new Places(new Map(await Promise.all(names.map(place))), home);
  }

  at(name: Name): Place {
    return this.#places.get(name)!;
  }

  /** What `prometheus-servers` of config-hpa-bridge says of them: each server is named as its case. */
  get servers(): string {
    const servers = [...this.#places].map(([name, { prometheus }]) => ({
      name,
      address: prometheus.address,
      timeout: '2s',
    }));
    return JSON.stringify(servers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#home.disposeAsync();
  }
}
