import type { Pod } from './pod.ts';

/** An activator under test, in front of one pod. */
export interface Subject {
  /** Speaks HTTP/1.1 and h2c. */
  readonly host: string;
  readonly port: number;
  /** The address that it sees of whoever runs the cases. */
  readonly client: string;
  readonly pod: Pod;
  /** The headers by which the revision of the pod is meant. */
  readonly revision: {
    readonly 'knative-serving-revision': string;
    readonly 'knative-serving-namespace': string;
  };
}

/** One behaviour of an activator. */
export interface Case {
  readonly name: string;
  readonly run: (subject: Subject) => Promise<void>;
  /** What Knative's own activator does instead, or why; absent: the same. docs/activator.md lists these cases. */
  readonly unlikeKnative?: string;
}
