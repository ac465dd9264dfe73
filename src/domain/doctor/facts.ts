import type { CertificateFacts, Kept } from '../certificate.ts';
import type { Key } from '../key.ts';
import type { Claim } from '../external-metrics/claim.ts';
import type { Condition } from '../k8s/read/condition.ts';
import type { Kind } from '../k8s/resources.ts';
import type { Answer } from '../prometheus/answer.ts';
import type { Result } from '../result.ts';
import type { Instant, Ms } from '../time.ts';
import type { Outcomes } from './outcomes.ts';
import type { Right } from './rights.ts';

/** What was read, or a sentence that says why it was not. */
export type Seen<T> = Result<T, string>;

/** What a Lease says. */
export interface LeaseSeen {
  readonly holder: string;
  readonly duration: Ms;
  /** By the clock of the holder; undefined where it is no time. */
  readonly renewedAt: Instant | undefined;
}

export interface DeploymentSeen {
  readonly name: string;
  readonly replicas: number;
  /** The label `app.kubernetes.io/version`; empty: there is none. */
  readonly version: string;
}

export interface PodSeen {
  readonly name: string;
  readonly isReady: boolean;
}

export interface ServerSeen {
  readonly name: string;
  /** Without credentials. */
  readonly address: string;
  /** To a query that counts the targets that are up. */
  readonly answer: Answer;
  /** What replicas say that they were answered since they started; empty: nothing is known of it. */
  readonly outcomes: Outcomes;
}

/** Who stands in for revisions without pods, and for which. */
export interface ActivatorsSeen {
  /** Those that run, or are about to. */
  readonly pods: readonly PodSeen[];
  /** Of those that are ready, as the Endpoints of their Service have them. */
  readonly addresses: readonly string[];
  /** Revisions without pods whose Services hpa-bridge keeps, each with the addresses behind its Service. */
  readonly asleep: readonly { readonly key: Key; readonly addresses: readonly string[] }[];
}

/** How the API server asks the webhook. */
export interface WebhookSeen {
  /** Whether it leads to the Service of ours. */
  readonly isOurs: boolean;
  /** Whether nothing is stored while nobody answers. */
  readonly isStrict: boolean;
  readonly certificate: CertificateSeen;
  /** Why the API server does not believe that certificate; undefined: it does, or there is none that can be served. */
  readonly distrust: string | undefined;
}

/** What a certificate of ours is. Of its Secret nothing else is kept. */
export interface CertificateSeen {
  readonly is: Kept['is'];
  /** Undefined where there is no certificate. */
  readonly facts: Result<CertificateFacts, string> | undefined;
}

/** Everything that is looked at in a cluster, as it was at one time. */
export interface Facts {
  /** By our clock. */
  readonly at: Instant;
  /** As the settings name them. */
  readonly systemNamespace: string;
  readonly secretName: string;
  readonly webhookSecret: string;
  /** `host:port` */
  readonly host: string;
  readonly version: Seen<string>;
  readonly served: Seen<ReadonlySet<Kind>>;
  /** Of the system namespace. */
  readonly deployments: Seen<readonly DeploymentSeen[]>;
  readonly kedaOperators: Seen<readonly DeploymentSeen[]>;
  /** Of the controller, those that run. */
  readonly pods: Seen<readonly PodSeen[]>;
  readonly activators: Seen<ActivatorsSeen>;
  /** Those that leaders hold. An absent lease is undefined. */
  readonly leases: readonly { readonly name: string; readonly seen: Seen<LeaseSeen | undefined> }[];
  readonly apiService: Seen<{ readonly claim: Claim; readonly available: Condition | undefined }>;
  readonly certificate: Seen<CertificateSeen>;
  /** Undefined: none is installed. */
  readonly webhook: Seen<WebhookSeen | undefined>;
  /** Data of those that hpa-bridge reads, and of config-observability; undefined: there is none. */
  readonly configMaps: readonly {
    readonly name: string;
    readonly seen: Seen<Readonly<Record<string, string>> | undefined>;
  }[];
  readonly servers: readonly ServerSeen[];
  /** Rights that the ServiceAccount of the controller lacks. */
  readonly missingRights: Seen<readonly Right[]>;
  /** The same of activators. */
  readonly missingOfActivators: Seen<readonly Right[]>;
}
