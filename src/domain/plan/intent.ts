import type { LiveConfig } from '../config/live.ts';
import type { Settings } from '../annotation/settings.ts';
import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';

/** Where the number that a revision scales by comes from. */
export type Signal =
  /** `target` in percent of the request (cpu) or MiB (memory); undefined: the backend's default. */
  | {
      readonly from: 'resource';
      readonly resource: 'cpu' | 'memory';
      readonly target: number | undefined;
    }
  /** `query` is PromQL with its templates filled in; `derived` when it was made from the metric's name. */
  | {
      readonly from: 'query';
      readonly query: string;
      readonly target: number;
      readonly derived: boolean;
    }
  /** Only `extra-prometheus-triggers` or `scaled-object-override`: KEDA alone knows. */
  | { readonly from: 'triggers' }
  | { readonly from: 'concurrency' | 'rps' };

/** Who moves the replicas from 1 to N. `none`: nobody yet, or an object that the user brings. */
export type Backend = 'keda' | 'hpa' | 'none';

/** Replica bounds as the backends take them. */
export interface Bounds {
  /** At least 1: nobody sleeps who cannot be woken. */
  readonly min: number;
  /** 2147483647 when unlimited. */
  readonly max: number;
}

/** What the user and the platform owner asked for, after all precedence rules; what a scaler is built from. */
export interface Intent {
  readonly pa: PodAutoscaler;
  readonly settings: Settings;
  readonly config: LiveConfig;
  readonly signal: Signal;
  readonly bounds: Bounds;
  /** Whether the revision goes to zero when nobody needs it. */
  readonly sleeps: boolean;
  /** Labels and annotations that every child carries. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
