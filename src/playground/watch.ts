import { z } from 'zod';
import { keyOf, type Key } from '../domain/key.ts';
import { keyOfMeta, metaView, type HasMeta } from '../domain/k8s/meta.ts';
import {
  horizontalPodAutoscalerView,
  scaledObjectView,
  serverlessServiceView,
} from '../domain/k8s/read/children.ts';
import { podAutoscalerView, type PodAutoscaler } from '../domain/k8s/read/pod-autoscaler.ts';
import { readThrough } from '../domain/k8s/read/view.ts';
import { RESOURCES, type Kind } from '../domain/k8s/resources.ts';
import { Reflector, type ReflectorParts } from '../engine/reflector.ts';
import { Store } from '../engine/store.ts';
import {
  showEvent,
  showHorizontalPodAutoscaler,
  showPodAutoscaler,
  showScaledObject,
  showServerlessService,
  type Sight,
} from './show.ts';

type Shared = Pick<ReflectorParts<HasMeta, never>, 'reader' | 'clock' | 'random' | 'telemetry' | 'log'>;
type Parse<T extends HasMeta> = ReflectorParts<T, never>['parse'];
type Show<T> = (change: {
  readonly before: T | undefined;
  readonly after: T | undefined;
}) => readonly Sight[];

const eventView = z.object({
  metadata: metaView,
  involvedObject: z.object({
    kind: z.string().default(''),
    namespace: z.string().default(''),
    name: z.string().default(''),
  }),
  type: z.string().default('Normal'),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.number().nullish(),
});
type Event = z.output<typeof eventView>;

/** What was seen of a name before its PodAutoscaler, at most. */
const KEPT = 20;

/** Passes on what is about our PodAutoscalers. What comes before its PodAutoscaler does, on another stream, waits for it. */
class OursOnly {
  readonly #see: (sight: Sight) => void;
  readonly #known = new Map<Key, boolean>();
  readonly #early = new Map<Key, Sight[]>();

  constructor(see: (sight: Sight) => void) {
    this.#see = see;
  }

  /** From now on it is known whether this name is one of ours. */
  learn(key: Key, ours: boolean): void {
    this.#known.set(key, ours);
  }

  /** Tells of the PodAutoscaler itself, then of what waited for it. */
  tell(key: Key, sights: readonly Sight[]): void {
    const ours = this.#known.get(key);
    if (ours === undefined) {
      this.#early.set(key, [...(this.#early.get(key) ?? []), ...sights].slice(-KEPT));
      return;
    }
    const early = this.#early.get(key) ?? [];
    this.#early.delete(key);
    if (ours) for (const sight of [...sights, ...early]) this.#see(sight);
  }
}

/**
 * Tells `see` of what happens to PodAutoscalers that are ours, to what bears their names, and of events about them: first of what exists,
 * then of every change. Events of the past are left out. Resolves once all that exists was told, and goes on until the signal aborts.
 */
export async function watchRevisions(
  shared: Shared,
  isOurs: (pa: PodAutoscaler) => boolean,
  see: (sight: Sight) => void,
  signal: AbortSignal,
): Promise<void> {
  const filter = new OursOnly(see);
  let past = true;
  const showPa: Show<PodAutoscaler> = (change) => {
    const { after } = change;
    if (after !== undefined) filter.learn(keyOfMeta(after.metadata), isOurs(after));
    return showPodAutoscaler(change);
  };
  const showNews: Show<Event> = ({ before, after }) =>
    past || after === undefined || before?.message === after.message
      ? []
      : [showEvent(subjectOf(after), after)];
  const reflect = <T extends HasMeta>(
    kind: Kind,
    parse: Parse<T>,
    show: Show<T>,
    keyed: (object: T) => Key = ({ metadata }) => keyOfMeta(metadata),
  ): Promise<void> => {
    const onBrokenListener = (cause: unknown): void => shared.log.error('the view broke', { kind, cause });
    const store = new Store<T>({ indexes: {}, onBrokenListener, clock: shared.clock });
    store.subscribe((_key, before, after) => {
      const either = after ?? before;
      if (either !== undefined) filter.tell(keyed(either), show({ before, after }));
    });
    const selection = { resource: RESOURCES[kind] };
    void new Reflector<T>({ ...shared, parse, selection, store, optional: true }).run(signal);
    return store.untilSynced(signal);
  };
  await Promise.all([
    reflect('PodAutoscaler', readThrough(podAutoscalerView), showPa),
    reflect('ServerlessService', readThrough(serverlessServiceView), showServerlessService),
    reflect('ScaledObject', readThrough(scaledObjectView), showScaledObject),
    reflect('HorizontalPodAutoscaler', readThrough(horizontalPodAutoscalerView), showHorizontalPodAutoscaler),
    reflect('Event', readThrough(eventView), showNews, subjectOf),
  ]);
  past = false;
}

/** Events about other kinds are nobody's: an empty key is never learnt. */
const subjectOf = ({ involvedObject: { kind, namespace, name } }: Event): Key =>
  kind === RESOURCES.PodAutoscaler.kind ? keyOf(namespace, name) : keyOf('', '');
