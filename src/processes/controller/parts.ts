import type { Boot } from '../../domain/config/boot.ts';
import type { LiveConfig } from '../../domain/config/live.ts';
import type { Claim } from '../../domain/external-metrics/claim.ts';
import type { Key } from '../../domain/key.ts';
import type { Answer } from '../../domain/prometheus/answer.ts';
import type { SamplesOfRevision } from '../../domain/revision-metrics/samples.ts';
import type { Teller } from '../../domain/signal/told.ts';
import type { Gate } from '../../engine/controller.ts';
import type { BucketListener } from '../../engine/leadership.ts';
import type { ReflectorTiming } from '../../engine/reflector.ts';
import type { ActivatorClient } from '../../ports/activator-client.ts';
import type { ActivatorMetrics } from '../../ports/activator-metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeReader, KubeWriter } from '../../ports/kube.ts';
import type { Log } from '../../ports/log.ts';
import type { Recorder } from '../../ports/recorder.ts';
import type { StatReceiver } from '../../ports/stat-receiver.ts';
import type { StatSource } from '../../ports/stat-source.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { DecisionDocuments } from './decisions/documents.ts';
import type { Measures } from './measure/keep-measuring.ts';

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
  /** Asks activators. */
  readonly activatorClient: ActivatorClient;
  /** Asks those of Knative. */
  readonly activatorMetrics: ActivatorMetrics;
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
  readonly synced: (signal: AbortSignal) => Promise<unknown>;
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
