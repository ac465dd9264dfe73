import { setTimeout as sleep } from 'node:timers/promises';
import type { Followed } from '../api.ts';
import { KINDS, type Deployment, type Endpoints, type PodAutoscaler } from '../kinds.ts';
import { api } from '../lab.ts';
import { conditionOf } from '../serving.ts';
import type { Target } from './clients.ts';

/** A place in what was seen of a revision. */
interface Mark {
  readonly deployment: number;
  readonly podAutoscaler: number;
  readonly endpoints: number;
}

/** How often is looked for what the watches brought, in milliseconds: a moment is to be met while it lasts. */
const LOOK = 5;
/** A life stands still if nothing comes of it within this time; a run has to end. */
const PATIENCE = 180_000;

/** What is seen of one revision, as it happens. Nothing that happened meanwhile is missed. */
export class Life implements AsyncDisposable {
  readonly target: Target;
  readonly #deployment: Followed<Deployment>;
  readonly #podAutoscaler: Followed<PodAutoscaler>;
  readonly #endpoints: Followed<Endpoints>;

  private constructor(
    target: Target,
    followed: readonly [Followed<Deployment>, Followed<PodAutoscaler>, Followed<Endpoints>],
  ) {
    this.target = target;
    [this.#deployment, this.#podAutoscaler, this.#endpoints] = followed;
  }

  static async of(namespace: string, revision: string): Promise<Life> {
    const { clusterIP } = (await api.get(KINDS.coreService, namespace, revision)).spec;
    const followed = await Promise.all([
      api.follow(KINDS.deployment, namespace, `${revision}-deployment`),
      api.follow(KINDS.podAutoscaler, namespace, revision),
      api.follow(KINDS.endpoints, namespace, revision),
    ]);
    return new Life({ namespace, revision, clusterIP }, followed);
  }

  /** All that comes from here on is after it. */
  mark(): Mark {
    return {
      deployment: this.#deployment.versions.length,
      podAutoscaler: this.#podAutoscaler.versions.length,
      endpoints: this.#endpoints.versions.length,
    };
  }

  /** No pods were wanted, since then. */
  wasZero({ deployment }: Mark): boolean {
    return this.#deployment.versions.slice(deployment).some(({ spec }) => spec.replicas === 0);
  }

  /** The revision turned inactive, since then. */
  wasInactive({ podAutoscaler }: Mark): boolean {
    return this.#podAutoscaler.versions
      .slice(podAutoscaler)
      .some((version) => conditionOf(version, 'Active')?.status === 'False');
  }

  /** Others are behind its Service, since then. */
  wasMoved({ endpoints }: Mark): boolean {
    return this.#endpoints.versions.length > endpoints;
  }

  /** Resolves as soon as it is so; says where the revision stands if it never is. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`${this.target.revision} ${what}: ${this.#standing()}`);
      await sleep(LOOK);
    }
  }

  #standing(): string {
    return JSON.stringify({
      replicas: this.#deployment.versions.at(-1)?.spec.replicas,
      active: conditionOf(this.#podAutoscaler.versions.at(-1), 'Active'),
      endpoints: this.#endpoints.versions.at(-1)?.subsets,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of [this.#deployment, this.#podAutoscaler, this.#endpoints])
      await each[Symbol.asyncDispose]();
  }
}
