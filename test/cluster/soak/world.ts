import { expect } from '@jest/globals';
import { eventually } from '../api.ts';
import {
  installActivators,
  installAsPods,
  leaseOfBridge,
  rollOutActivators,
  uninstallPods,
} from '../bridge.ts';
import { kubectl, SYSTEM } from '../lab.ts';

/** The pod of the controller that leads. */
async function leader(): Promise<string> {
  const { holderIdentity } = (await leaseOfBridge()).spec;
  const [pod = ''] = (holderIdentity ?? '').split('_');
  expect(pod).not.toBe('');
  return pod;
}

/** What works on the revisions of a soak, as it is installed, and what happens to it: the controller is killed, activators are replaced. */
export class World implements AsyncDisposable {
  #killed = 0;
  #replaced = 0;

  static async start(): Promise<World> {
    await installAsPods();
    await installActivators();
    await eventually(leader);
    return new World();
  }

  /** The controller that leads ends without a word, at whatever it is about; another has to find out where things stand. */
  async killController(): Promise<void> {
    const killed = await leader();
    await kubectl(['delete', 'pod', '--namespace', SYSTEM, killed, '--grace-period=0', '--force']);
    this.#killed += 1;
    await eventually(async () => expect(await leader()).not.toBe(killed));
  }

  /** Every activator is replaced by a new one, as by an upgrade. */
  async replaceActivators(): Promise<void> {
    this.#replaced += 1;
    await rollOutActivators(String(this.#replaced));
  }

  get told(): string {
    return `${this.#killed} controllers killed, activators replaced ${this.#replaced} times`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await uninstallPods();
  }
}
