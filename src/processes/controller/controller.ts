import type { Boot } from '../../domain/config/boot.ts';
import type { LiveConfig } from '../../domain/config/live.ts';
import type { Claim } from '../../domain/external-metrics/claim.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import { keyOfMeta, type HasMeta } from '../../domain/k8s/meta.ts';
import type { Kind } from '../../domain/k8s/resources.ts';
import type { PodSignal } from '../../domain/plan/pod-signal.ts';
import { scaleRecordOf } from '../../domain/plan/scale-by-pods.ts';
import type { Scaling } from '../../domain/plan/world.ts';
import type { Answer } from '../../domain/prometheus/answer.ts';
import { queryRecord } from '../../domain/record/query-record.ts';
import type { Teller } from '../../domain/signal/told.ts';
import { ms } from '../../domain/time.ts';
import { runController as runWorkers, type Gate } from '../../engine/controller.ts';
import { Expectations } from '../../engine/expectations.ts';
import type { BucketListener } from '../../engine/leadership.ts';
import type { ReflectorTiming } from '../../engine/reflector.ts';
import { Workqueue } from '../../engine/workqueue.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { Log } from '../../ports/log.ts';
import type { Recorder } from '../../ports/recorder.ts';
import type { StatReceiver } from '../../ports/stat-receiver.ts';
import type { StatSource } from '../../ports/stat-source.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { act } from './act.ts';
import { buildCaches, cachesIn, unsynced, type Caches } from './caches.ts';
import { Census } from './census.ts';
import { DecisionBook } from './decisions/book.ts';
import { decisionDocuments, type DecisionDocuments } from './decisions/documents.ts';
import { NotePods } from './decisions/note-pods.ts';
import { tellMoves } from './decisions/tell-moves.ts';
import { addAll, subscribeAll, subscribeMeasuring } from './enqueue.ts';
import { LiveConfiguration } from './live-config.ts';
import { keepMeasuring, type Measures } from './measure/keep-measuring.ts';
import { Signals } from './measure/signals.ts';
import { isOurs, observe, podsFound, readyPodsOf, scaleOf, type Sources } from './observe.ts';
import { PodSignals } from './pods/pod-signals.ts';
import { PushedStats } from './pods/pushed-stats.ts';
import { reconcile } from './reconcile.ts';
import { RevisionSeries, type SamplesOfRevision } from './revision-series.ts';

export interface ControllerParts {
  readonly boot: Boot;
  readonly reader: KubeReader;
  /** Writes for a revision, while we lead for it. */
  readonly writer: (revision: Key) => KubeWriter;
  readonly recorder: Recorder;
  /** For what is said of each move: apart from `recorder`, so that talk about moves costs no event that matters more. */
  readonly decisionRecorder: Recorder;
  /** Open for the revisions that we lead for; call `lead` when that changes. */
  readonly gate: Gate;
  /** Makes what asks Prometheus; its answers go to `onAnswer`. */
  readonly measurer: (onAnswer: (key: Key, answer: Answer) => void) => Measures;
  /** Asks pods for their requests. */
  readonly stats: StatSource;
  /** Who serves external.metrics.k8s.io; call `replan` when that changes. */
  readonly externalMetrics: () => Claim;
  readonly clock: Clock;
  readonly random: () => number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Other patience than the reflectors' own. */
  readonly timing?: Partial<ReflectorTiming>;
}

export interface Controller {
  /** The ConfigMaps in force. */
  readonly config: () => LiveConfig;
  /** Whether the API server serves KEDA's ScaledObject now. */
  readonly kedaServed: () => boolean;
  /** What is not in the caches yet; empty when the process is ready. */
  readonly missing: () => readonly string[];
  /** Resolves when every cache is filled, or the signal aborts. */
  readonly synced: (signal: AbortSignal) => Promise<void>;
  /** What autoscalers are told about the queries of revisions. */
  readonly teller: Teller;
  /** What was decided about revisions, and why. */
  readonly decisions: DecisionDocuments;
  /** Takes what proxies in front of pods push. */
  readonly receiver: StatReceiver;
  /** To be told of parts of the revisions that we lead for from now on, or no longer. */
  readonly lead: BucketListener<Key>;
  /** The series of each revision, one after the other, as it stands when it is its turn; of those that we lead for. */
  readonly revisionSeries: () => Iterable<SamplesOfRevision>;
  /** Plans every revision anew, spread over some seconds. */
  readonly replan: () => void;
  /** Keeps caches and measures; works while the gate is open; resolves after the signal aborted and the last write ended. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

type Written = Readonly<Partial<Record<Kind, { get(key: Key): HasMeta | undefined }>>>;

/** The caches that hold the objects which we write. */
const written = (caches: Caches): Written => ({
  PodAutoscaler: caches.podAutoscalers.store,
  ScaledObject: caches.scaledObjects.store,
  HorizontalPodAutoscaler: caches.horizontalPodAutoscalers.store,
  ServerlessService: caches.serverlessServices.store,
});

/** Puts caches, configuration, queue and reconcile together. */
export function buildController(parts: ControllerParts): Controller {
  const { boot, clock, random, telemetry, log, recorder, gate } = parts;
  const classes = new Set(boot.classes);
  const queue = new Workqueue({ clock, random, telemetry });
  const toMeasure = new Workqueue({ clock, random });
  let kedaServed = false;
  const caches = buildCaches(parts, {
    systemNamespace: boot.systemNamespace,
    onKedaServed: (served) => {
      kedaServed = served;
      replanAll();
    },
  });
  const ours = (key: Key): boolean => {
    const pa = caches.podAutoscalers.store.get(key);
    return pa !== undefined && isOurs(pa, classes);
  };
  const enqueue = (key: Key): void => (ours(key) ? queue.add(key) : undefined);
  const target = { caches, isOurs: ours, add: queue.add.bind(queue) };
  const replanAll = (): void => {
    addAll(target, random);
    addAll({ ...target, add: toMeasure.add.bind(toMeasure) }, random);
  };
  const config = new LiveConfiguration({ recorder, telemetry, log, onChange: replanAll });
  subscribeAll({
    ...target,
    onConfigMap: (name) => config.offer(name, caches.configMaps.store.get(keyOf(boot.systemNamespace, name))),
  });

  const workload = {
    podAutoscalers: caches.podAutoscalers.store,
    deployments: caches.deployments.store,
    horizontalPodAutoscalers: caches.horizontalPodAutoscalers.store,
    podsOf: (revision: Key) => caches.pods.store.by('revision', revision),
  };
  // Whoever decides about a revision notes it here.
  const book = new DecisionBook(
    tellMoves({
      podAutoscalers: caches.podAutoscalers.store,
      isSaid: () => config.current().bridge.decisionEvents === 'moves',
      recorder: parts.decisionRecorder,
      telemetry,
      onMove: (key, direction) => series.moved(key, direction),
    }),
  );
  const series: RevisionSeries = new RevisionSeries({
    observe: (key) => observe(sources, key),
    newest: (key) => book.newest(key)?.record,
    isTold: (key) => gate.isOpen(key) && config.current().bridge.revisionMetrics === 'all',
  });
  const notePods = new NotePods({
    book,
    recordOf: (key, decision) => {
      const world = observe(sources, key);
      return world && scaleRecordOf(world, decision);
    },
    replicasOf: (key) => scaleOf(workload, key).replicas,
  });
  const signals: Signals = new Signals({
    scaleOf: (key) => scaleOf(workload, key),
    concurrencyOf: (key) => pods.wanted(key),
    clock,
    telemetry,
    onChange: enqueue,
    onDecision: (key, decided) => book.note(key, decided && queryRecord(decided)),
  });
  const pods = new PodSignals({
    source: parts.stats,
    readyPods: (key) => readyPodsOf(workload, key),
    found: (key) => podsFound(workload, key),
    gate,
    isQuiet: (key) => signals.decision(key)?.rung === 'fresh',
    onDecision: (key, decision, news) => notePods.decided(key, decision, news),
    onNews: (key, use) => (use === 'scale' ? enqueue(key) : signals.review(key)),
    clock,
    random,
    telemetry,
    log,
  });
  const measurer = parts.measurer((key, answer) => signals.record(key, answer));
  subscribeMeasuring(caches, { add: (key) => toMeasure.add(key), review: (key) => signals.review(key) });

  const census = new Census<`${Scaling['signal']} ${Scaling['backend']}`>((sort, count) => {
    const [signal = '', backend = ''] = sort.split(' ');
    telemetry.set('hpa_bridge_revisions', { signal, backend }, count);
  });
  caches.podAutoscalers.store.subscribe((key) => {
    if (ours(key)) return;
    census.note(key, undefined);
    series.planned(key, undefined);
    book.note(key, undefined);
  });
  const cached = written(caches);
  const expectations = new Expectations<Kind>({
    look: (kind, key) => cached[kind]?.get(key)?.metadata,
    clock,
  });
  const sources: Sources = {
    ...workload,
    revisions: caches.revisions.store,
    scaledObjects: caches.scaledObjects.store,
    serverlessServices: caches.serverlessServices.store,
    config: () => config.current(),
    kedaServed: () => kedaServed,
    externalMetrics: parts.externalMetrics,
    measured: (key) => signals.decision(key),
    pods: (key) => pods.standing(key),
    classes,
    clock,
  };
  const hands = { recorder, expectations, telemetry };
  const reconcileKey = reconcile({
    observe: (key) => observe(sources, key),
    act: (key, steps) => act({ ...hands, writer: parts.writer(key) }, steps),
    awaited: (key) => expectations.pending(key),
    note: (key, scaling) => {
      census.note(key, scaling && `${scaling.signal} ${scaling.backend}`);
      series.planned(key, scaling);
    },
    resync: () => ms(boot.resync * (0.75 + random() / 2)),
  });

  const missing = (): readonly string[] => unsynced(caches).map((kind) => `the list of ${kind}s`);
  const synced = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(cachesIn(caches).map(({ store }) => store.untilSynced(signal)));
  };
  return {
    config: () => config.current(),
    kedaServed: () => kedaServed,
    missing,
    synced,
    teller: signals,
    decisions: decisionDocuments({
      book,
      observe: (key) => observe(sources, key),
      scaleOf: (key) => scaleOf(workload, key),
      horizontalPodAutoscalers: caches.horizontalPodAutoscalers.store,
      identity: boot.identity,
      leads: (key) => gate.isOpen(key),
      clock,
    }),
    receiver: new PushedStats({ pods, clock, telemetry, log }),
    lead: (has, leads) => {
      for (const { metadata } of caches.podAutoscalers.store.all()) {
        const key = keyOfMeta(metadata);
        if (!has(key)) continue;
        // What another replica has scheduled is not known here.
        if (leads) enqueue(key);
        else census.note(key, undefined);
      }
      if (leads) config.repeat();
    },
    revisionSeries: () => series.all(),
    replan: replanAll,
    run: async (signal) => {
      const reflecting = cachesIn(caches).map((cache) => cache.run(signal));
      await synced(signal);
      const noted = {
        set: (key: Key, at: PodSignal | undefined): void => {
          pods.set(key, at);
          if (at?.use !== 'scale') notePods.forget(key);
        },
      };
      const measuring = [
        measurer.run(signal),
        pods.run(signal),
        keepMeasuring(
          {
            observe: (key) => observe(sources, key),
            signals,
            measurer,
            pods: noted,
            queue: toMeasure,
            clock,
            log,
          },
          signal,
        ),
      ];
      await runWorkers(
        { queue, reconcile: reconcileKey, workers: boot.workers, gate, clock, telemetry, log },
        signal,
      );
      for (const one of [queue, toMeasure]) one.shutdown();
      signals.stop();
      await Promise.all([...reflecting, ...measuring]);
    },
  };
}
