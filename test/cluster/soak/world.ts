import { Bridge, installActivators, rollOutActivators } from '../bridge.ts';
import { KINDS } from '../kinds.ts';
import { api, SYSTEM } from '../lab.ts';

/** What works on the revisions of a soak, and what happens to it: the controller is killed, activators are replaced. */
export class World implements AsyncDisposable {
  #bridge: Bridge;
  #controllers = 1;
  #rollouts = 0;

  private constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  static async start(): Promise<World> {
    await installActivators();
    const bridge = await Bridge.started('soak-1');
    await bridge.leading();
    return new World(bridge);
  }

  /** The controller ends without a word, at whatever it is about; another has to find out where things stand. */
  async killController(): Promise<void> {
    await this.#bridge.stop('SIGKILL');
    this.#controllers += 1;
    this.#bridge = await Bridge.started(`soak-${this.#controllers}`);
    await this.#bridge.leading();
  }

  /** Every activator is replaced by a new one, as by an upgrade. */
  async replaceActivators(): Promise<void> {
    this.#rollouts += 1;
    await rollOutActivators(String(this.#rollouts));
  }

  get told(): string {
    return `${this.#controllers - 1} controllers killed, activators replaced ${this.#rollouts} times`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bridge[Symbol.asyncDispose]();
    await api.remove(KINDS.deployment, SYSTEM, 'hpa-bridge-activator');
  }
}
