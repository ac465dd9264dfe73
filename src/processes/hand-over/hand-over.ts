import { isOurs } from '../../domain/annotation/ours.ts';
import { keyOfSetting } from '../../domain/annotation/table.ts';
import { faultOf } from '../../domain/fault.ts';
import { keyOfMeta, controllerOf } from '../../domain/k8s/meta.ts';
import { podAutoscalerView } from '../../domain/k8s/read/pod-autoscaler.ts';
import { serviceView } from '../../domain/k8s/read/service.ts';
import { RESOURCES } from '../../domain/k8s/resources.ts';
import type { Key } from '../../domain/key.ts';
import { seconds, type Ms } from '../../domain/time.ts';
import type { Keeper } from '../../domain/k8s/knative-services.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';

/** What is to change hands, and to whom. */
export interface HandOver {
  readonly to: Keeper;
  /** Undefined: every revision of our classes. */
  readonly revisions: readonly Key[] | undefined;
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
  /** Says what would be asked for, and asks for nothing. */
  readonly dryRun: boolean;
}

export interface HandOverParts {
  readonly reader: Pick<KubeReader, 'list' | 'get'>;
  readonly writer: Pick<KubeWriter, 'merge'>;
  readonly classes: ReadonlySet<string>;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** A revision without pods is started before it is handed back. */
const PATIENCE = seconds(120);
const LOOK = seconds(1);
const OWNERS: Readonly<Record<Keeper, string>> = {
  bridge: RESOURCES.PodAutoscaler.kind,
  knative: RESOURCES.ServerlessService.kind,
};

/**
 * Asks for the Services of revisions to change hands, one revision after the other, and waits until each has. False when one has not in time:
 * the controller goes on with it all the same. Throws `FaultError`.
 */
export async function handOver(parts: HandOverParts, what: HandOver, signal: AbortSignal): Promise<boolean> {
  const revisions = what.revisions ?? (await allOfOurs(parts, what.namespace, signal));
  if (revisions.length === 0) parts.say('There is no revision of our classes.');
  let complete = true;
  for (const revision of revisions) complete = (await handOverOne(parts, what, revision, signal)) && complete;
  return complete;
}

async function allOfOurs(
  { reader, classes }: HandOverParts,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Key[]> {
  const selection = { resource: RESOURCES.PodAutoscaler, ...(namespace === undefined ? {} : { namespace }) };
  const keys: Key[] = [];
  let next: string | undefined;
  do {
    const page = await reader.list(selection, next === undefined ? {} : { continue: next }, signal);
    for (const item of page.items) {
      const read = podAutoscalerView.safeParse(item);
      if (read.success && isOurs(read.data, classes)) keys.push(keyOfMeta(read.data.metadata));
    }
    next = page.continue;
  } while (next !== undefined && next !== '');
  return keys;
}

async function handOverOne(
  parts: HandOverParts,
  { to, dryRun }: HandOver,
  revision: Key,
  signal: AbortSignal,
): Promise<boolean> {
  const { writer, say, clock } = parts;
  const key = keyOfSetting('services');
  if ((await ownerOf(parts, revision, signal)) === OWNERS[to]) {
    say(`${revision}: ${OWNERS[to]} owns its Services already`);
    return true;
  }
  if (dryRun) {
    say(`${revision}: would be asked for ${key}=${to}`);
    return true;
  }
  await writer.merge(RESOURCES.Revision, revision, { metadata: { annotations: { [key]: to } } });
  const deadline = clock.monotonic() + PATIENCE;
  while (clock.monotonic() < deadline) {
    if ((await ownerOf(parts, revision, signal)) === OWNERS[to]) {
      say(`${revision}: ${OWNERS[to]} owns its Services`);
      return true;
    }
    await clock.sleep(LOOK, signal);
  }
  say(`${revision}: asked for ${key}=${to}, and not done within ${inSeconds(PATIENCE)}`);
  return false;
}

const inSeconds = (length: Ms): string => `${length / 1000} s`;

/** The kind that controls the public Service; undefined: there is none, or nobody does. */
async function ownerOf(
  { reader }: HandOverParts,
  revision: Key,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const read = serviceView.safeParse(await reader.get(RESOURCES.Service, revision, signal));
    return read.success ? controllerOf(read.data.metadata)?.kind : undefined;
  } catch (thrown) {
    if (faultOf(thrown).code === 'not_found') return undefined;
    throw thrown;
  }
}
