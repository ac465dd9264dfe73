import { isOurs } from '../../domain/annotation/ours.ts';
import { keyOf, type Key } from '../../domain/key.ts';
import type { Kind } from '../../domain/k8s/resources.ts';
import { plan } from '../../domain/plan/plan.ts';
import type { PodSignal } from '../../domain/plan/pod-signal.ts';
import { scaleRecordOf } from '../../domain/plan/scale-by-pods.ts';
import type { LifeTold, Scaling } from '../../domain/plan/world.ts';
import { queryRecord } from '../../domain/record/query-record.ts';
import { ms } from '../../domain/time.ts';
import { sleepsBehindKnative } from '../../domain/zero/keeper.ts';
import type { Activators } from '../../domain/zero/seen.ts';
import { runController as runWorkers } from '../../engine/controller.ts';
import { Expectations } from '../../engine/expectations.ts';
import { Workqueue } from '../../engine/workqueue.ts';
import { act } from './act.ts';
import { buildCaches, cachesIn, keepsServices, keysIn, missingIn, untilSynced, written } from './caches.ts';
import { revisionCensus } from './census.ts';
import { DecisionBook } from './decisions/book.ts';
import { decisionDocuments } from './decisions/documents.ts';
import { NotePods } from './decisions/note-pods.ts';
import { tellMoves } from './decisions/tell-moves.ts';
import { addAll, subscribeAll, subscribeMeasuring } from './enqueue.ts';
import { LiveConfiguration } from './live-config.ts';
import { keepMeasuring } from './measure/keep-measuring.ts';
import { Signals } from './measure/signals.ts';
import { observe, podsFound, readyPodsOf, scaleOf, type Sources } from './observe.ts';
import { PodSignals } from './pods/pod-signals.ts';
import { PushedStats } from './pods/pushed-stats.ts';
import { reconcile } from './reconcile.ts';
import { activatorsIn, holdersIn, knativesIn } from './zero/activators.ts';
import { KnativeActivators } from './zero/knative-activators.ts';
import { Lives } from './zero/lives.ts';
import { endpointsStep, Redirect } from './zero/redirect.ts';
import { RevisionSeries } from './revision-series.ts';
import type { Controller, ControllerParts } from './parts.ts';

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
  const concerns = (key: Key): boolean => ours(key) || keepsServices(caches, key);
  const enqueue = (key: Key): void => (concerns(key) ? queue.add(key) : undefined);
  const target = { caches, isOurs: concerns, add: queue.add.bind(queue) };
  const replanAll = (): void => {
    addAll(target, random);
    addAll({ ...target, isOurs: ours, add: toMeasure.add.bind(toMeasure) }, random);
  };
  const activators = (): Activators =>
    activatorsIn(caches.activators.store, {
      systemNamespace: boot.systemNamespace,
      heard: boot.statPort !== undefined,
      knativesHeard: knatives.heard(),
    });
  const knatives: KnativeActivators = new KnativeActivators({
    metrics: parts.activatorMetrics,
    addresses: () =>
      sleepsBehindKnative({ config: config.current() })
        ? knativesIn(caches.activators.store, boot.systemNamespace)
        : [],
    onLoad: (key, stat, at) => pods.reported(key, stat, at),
    onHeard: replanAll,
    clock,
    log,
  });
  const config = new LiveConfiguration({ recorder, telemetry, log, onChange: replanAll });
  const countActivators = (): void =>
    telemetry.set('hpa_bridge_activators_ready', {}, activators().ours.length);
  countActivators();
  subscribeAll({
    ...target,
    onConfigMap: (name) => config.offer(name, caches.configMaps.store.get(keyOf(boot.systemNamespace, name))),
    onActivators: () => {
      countActivators();
      redirect.start();
      replanAll();
    },
  });
  const lives = new Lives({
    client: parts.activatorClient,
    stats: parts.stats,
    activators: () => holdersIn(activators(), caches.activatorPods.store.all()),
    atKnative: (key, of) => (of === 'knative' ? knatives.inFlight(key) : 0),
    pods: (key) => readyPodsOf(workload, key).map(({ address }) => address),
    onEvidence: enqueue,
    gate,
    clock,
    telemetry,
    log,
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
    isIdle: (key) => signals.activity(key)?.active === false,
    onRequests: enqueue,
    onDecision: (key, decision, news) => notePods.decided(key, decision, news),
    onNews: (key, use) => (use === 'scale' ? enqueue(key) : signals.review(key)),
    clock,
    random,
    telemetry,
    log,
  });
  const measurer = parts.measurer((key, answer) => signals.record(key, answer));
  subscribeMeasuring(caches, { add: (key) => toMeasure.add(key), review: (key) => signals.review(key) });

  const census = revisionCensus(telemetry);
  const note = (key: Key, scaling: Scaling | undefined, life: LifeTold | undefined): void => {
    census.note(key, scaling && `${scaling.signal} ${scaling.backend}`);
    lives.note(key, life);
  };
  const forget = (key: Key): void => note(key, undefined, undefined);
  caches.podAutoscalers.store.subscribe((key) => {
    if (ours(key)) return;
    forget(key);
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
    services: caches.services.store,
    endpoints: caches.endpoints.store,
    slicesOf: (key) => caches.endpointSlices.store.by('revision', key),
    activators,
    requests: (key) => pods.requests(key),
    queryActivity: (key) => signals.activity(key),
    evidence: (key) => lives.evidence(key),
    classes,
    clock,
  };
  const hands = { recorder, expectations, telemetry };
  const redirect: Redirect = new Redirect({
    held: () => lives.held(),
    stepFor: (key) => {
      // Planned from a cache that has not seen our last write, it would be refused.
      const world = expectations.pending(key) === undefined ? observe(sources, key) : undefined;
      return world && endpointsStep(plan(world).steps);
    },
    write: async (key, step) =>
      (await act({ ...hands, writer: parts.writer(key) }, [step])).failed === undefined,
    again: enqueue,
    gate,
    clock,
    log,
  });
  const reconcileKey = reconcile({
    observe: (key) => observe(sources, key),
    act: (key, steps) => act({ ...hands, writer: parts.writer(key) }, steps),
    awaited: (key) => expectations.pending(key),
    note: (key, { scaling, life }) => {
      note(key, scaling, life);
      series.planned(key, scaling);
    },
    resync: () => ms(boot.resync * (0.75 + random() / 2)),
  });

  /** What the former leader has scheduled is not known, and what we lead for no longer is counted by others. */
  const takeOver = async (has: (key: Key) => boolean): Promise<void> => {
    for (const key of keysIn(caches).filter(has)) {
      await clock.giveWay();
      // The bucket may have moved on while we gave way.
      (gate.isOpen(key) ? enqueue : forget)(key);
    }
  };

  const synced = (signal: AbortSignal): Promise<unknown> => untilSynced(caches, signal);
  return {
    config: () => config.current(),
    kedaServed: () => kedaServed,
    missing: () => missingIn(caches),
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
    receiver: new PushedStats({
      pods,
      onReport: (podName, at) => knatives.reports(podName, at),
      ...{ clock, telemetry, log },
    }),
    lead: (has, leads) => {
      if (leads) config.repeat();
      takeOver(has).catch((cause: unknown) => log.error('taking a bucket over broke', { cause }));
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
        knatives.run(signal),
        keepMeasuring(
          {
            observe: (key) => (ours(key) ? observe(sources, key) : undefined),
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
      lives.stop();
      redirect.stop();
      await Promise.all([...reflecting, ...measuring]);
    },
  };
}
