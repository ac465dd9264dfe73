/** Series over time in promtool's notation, a sample a minute, and what is to be seen at a moment. */
export interface AlertCase {
  readonly series: Readonly<Record<string, string>>;
  /** `10m` after the first sample. */
  readonly at: string;
  /** The labels of the alert, beside its severity; undefined: it does not fire. */
  readonly fires?: Readonly<Record<string, string>>;
}

interface Cases {
  readonly firing: Readonly<Record<string, AlertCase & { readonly fires: Readonly<Record<string, string>> }>>;
  readonly quiet: Readonly<Record<string, AlertCase>>;
}

const SHOP = { namespace: 'team', revision: 'shop-00001' } as const;

/** A series of the revision, as a replica tells it. */
const of = (name: string, own: Readonly<Record<string, string>> = {}, instance = 'a'): string =>
  named(`hpa_bridge_revision_${name}`, { instance, ...SHOP, ...own });

const named = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;

const fault = (code: string, instance?: string): string => of('fault', { fault: code }, instance);
const rung = (name: string): string => of('rung', { rung: name });
const info = (signal: string, backend = 'hpa'): string => of('info', { service: 'shop', signal, backend });
const process = (name: string, labels: Readonly<Record<string, string>> = {}): string =>
  named(`hpa_bridge_${name}`, { instance: 'a', ...labels });

/** One bucket below and one above a second. */
const lateness = (name: string, below: string, above: string): Readonly<Record<string, string>> => ({
  [process(`${name}_bucket`, { le: '1' })]: below,
  [process(`${name}_bucket`, { le: '5' })]: above,
  [process(`${name}_bucket`, { le: '+Inf' })]: above,
});

/** How many requests wait at an activator. */
const held = (name: string, instance = 'activator-0'): string =>
  named(`hpa_bridge_activator_revision_${name}`, { instance, ...SHOP });

/** Starts from zero that took less than 10 s, all of them, and the objective; none took longer than 20 s. */
const starts = (fast: string, all: string, objective: string): Readonly<Record<string, string>> => ({
  [process('cold_start_seconds_bucket', { phase: 'serving', le: '10' })]: fast,
  [process('cold_start_seconds_bucket', { phase: 'serving', le: '20' })]: all,
  [process('cold_start_seconds_bucket', { phase: 'serving', le: '+Inf' })]: all,
  [process('cold_start_objective_seconds')]: objective,
});

export const ALERT_CASES: Readonly<Record<string, Cases>> = {
  HpaBridgeQueryFailing: {
    firing: {
      'a fault that lasts': {
        series: { [fault('prometheus_refused')]: '1x10' },
        at: '6m',
        fires: { ...SHOP, fault: 'prometheus_refused' },
      },
      'another replica has begun to lead meanwhile': {
        series: {
          [fault('prometheus_refused')]: '1 1 1 stale',
          [fault('prometheus_refused', 'b')]: '_ _ _ _ 1x10',
        },
        at: '7m',
        fires: { ...SHOP, fault: 'prometheus_refused' },
      },
    },
    quiet: {
      'not for long': { series: { [fault('prometheus_refused')]: '_x4 1x10' }, at: '8m' },
      'no series is another alert': { series: { [fault('prometheus_empty')]: '1x20' }, at: '20m' },
      'it is well again': { series: { [fault('prometheus_refused')]: '1x8 stale' }, at: '15m' },
    },
  },
  HpaBridgeQueryEmpty: {
    firing: {
      'no series for long': {
        series: { [fault('prometheus_empty')]: '1x20' },
        at: '16m',
        fires: SHOP,
      },
    },
    quiet: {
      'no series for ten minutes': { series: { [fault('prometheus_empty')]: '1x20' }, at: '10m' },
      'something else': { series: { [fault('prometheus_nan')]: '1x20' }, at: '16m' },
    },
  },
  HpaBridgeFallbackActive: {
    firing: {
      'a query on the rung concurrency': {
        series: { [rung('concurrency')]: '1x20', [info('query')]: '1x20' },
        at: '16m',
        fires: { ...SHOP, rung: 'concurrency' },
      },
    },
    quiet: {
      'a revision that scales by concurrency': {
        series: { [rung('concurrency')]: '1x20', [info('concurrency', 'none')]: '1x20' },
        at: '16m',
      },
      'the last good number': { series: { [rung('last-good')]: '1x20', [info('query')]: '1x20' }, at: '16m' },
    },
  },
  HpaBridgeAtMaxScale: {
    firing: {
      'as many as it may have': {
        series: {
          [of('desired_replicas')]: '5x20',
          [of('max_replicas')]: '5x20',
          [of('min_replicas')]: '1x20',
        },
        at: '16m',
        fires: SHOP,
      },
    },
    quiet: {
      'fewer now and then': {
        series: {
          [of('desired_replicas')]: '5x9 4 5x9',
          [of('max_replicas')]: '5x20',
          [of('min_replicas')]: '1x20',
        },
        at: '18m',
      },
      'it may have no other number': {
        series: {
          [of('desired_replicas')]: '5x20',
          [of('max_replicas')]: '5x20',
          [of('min_replicas')]: '5x20',
        },
        at: '16m',
      },
      'there is no max': {
        series: { [of('desired_replicas')]: '500x20', [of('min_replicas')]: '1x20' },
        at: '16m',
      },
    },
  },
  HpaBridgeFlapping: {
    firing: {
      'up and down': {
        series: { [of('desired_replicas')]: '2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3 2 3' },
        at: '25m',
        fires: SHOP,
      },
    },
    quiet: {
      'up and up': { series: { [of('desired_replicas')]: '2+1x30' }, at: '25m' },
      'up once and down once': { series: { [of('desired_replicas')]: '2x10 8x10 2x10' }, at: '28m' },
    },
  },
  HpaBridgeAnnotationsRefused: {
    firing: {
      'refused annotations': { series: { [info('invalid', 'none')]: '1x10' }, at: '6m', fires: SHOP },
    },
    quiet: {
      'a good one': { series: { [info('query')]: '1x10' }, at: '6m' },
      'mended at once': { series: { [info('invalid', 'none')]: '1x2 stale' }, at: '6m' },
    },
  },
  HpaBridgeCannotWake: {
    firing: {
      'requests wait for a revision without pods': {
        series: {
          [of('ready_pods')]: '0x10',
          [of('replicas')]: '0x10',
          [held('waiting')]: '3x10',
          [held('waiting', 'activator-1')]: '0x10',
        },
        at: '6m',
        fires: SHOP,
      },
      'its query has woken it, and no pod gets ready': {
        series: { [of('ready_pods')]: '0x10', [of('replicas')]: '0 2x10' },
        at: '7m',
        fires: SHOP,
      },
    },
    quiet: {
      'it sleeps': { series: { [of('ready_pods')]: '0x10', [of('replicas')]: '0x10' }, at: '8m' },
      'it took two minutes': {
        series: {
          [of('ready_pods')]: '0x3 1x10',
          [of('replicas')]: '0 1x12',
          [held('waiting')]: '5x3 0x10',
        },
        at: '8m',
      },
      'requests wait for a busy pod': {
        series: { [of('ready_pods')]: '1x10', [of('replicas')]: '1x10', [held('waiting')]: '5x10' },
        at: '8m',
      },
    },
  },
  HpaBridgeNoReadyActivator: {
    firing: {
      'revisions sleep': {
        series: {
          [process('activators_ready')]: '2 0x10',
          [process('revision_life', { state: 'zero' })]: '3x11',
        },
        at: '5m',
        fires: {},
      },
    },
    quiet: {
      'one of two': {
        series: {
          [process('activators_ready')]: '2 1x10',
          [process('revision_life', { state: 'zero' })]: '3x11',
        },
        at: '5m',
      },
      'nothing may sleep': {
        series: { [process('activators_ready')]: '0x10' },
        at: '5m',
      },
      'they are replaced': {
        series: {
          [process('activators_ready')]: '2 0 2x10',
          [process('revision_life', { state: 'zero' })]: '3x11',
        },
        at: '5m',
      },
    },
  },
  HpaBridgeWakesFailing: {
    firing: {
      'a right is missing': {
        series: { [process('wakes_total', { outcome: 'failed' })]: '0+20x20' },
        at: '10m',
        fires: {},
      },
    },
    quiet: {
      'once, and then it went well': {
        series: {
          [process('wakes_total', { outcome: 'failed' })]: '0 1x20',
          [process('wakes_total', { outcome: 'woken' })]: '0+1x20',
        },
        at: '10m',
      },
      'another one was first': {
        series: { [process('wakes_total', { outcome: 'conflict' })]: '0+5x20' },
        at: '10m',
      },
    },
  },
  HpaBridgeActivatorQueueFull: {
    firing: {
      'some are turned away': {
        series: { [process('activator_unserved_total', { ended: 'refused' })]: '0 0 40x10' },
        at: '4m',
        fires: {},
      },
    },
    quiet: {
      'it was long ago': {
        series: { [process('activator_unserved_total', { ended: 'refused' })]: '0 40x20' },
        at: '15m',
      },
      'clients go away': {
        series: { [process('activator_unserved_total', { ended: 'gone' })]: '0+5x10' },
        at: '4m',
      },
    },
  },
  HpaBridgeColdStartSlow: {
    firing: {
      'one in ten takes longer': {
        series: starts('0+9x60', '0+10x60', '10x60'),
        at: '40m',
        fires: {},
      },
    },
    quiet: {
      'one in a hundred': { series: starts('0+99x60', '0+100x60', '10x60'), at: '40m' },
      'the objective is longer': { series: starts('0+9x60', '0+10x60', '30x60'), at: '40m' },
      'nothing was started': { series: starts('0x60', '0x60', '10x60'), at: '40m' },
    },
  },
  HpaBridgeActivatorUnheard: {
    firing: {
      'one of two has nobody': {
        series: {
          [process('stat_links')]: '2 0x10',
          [process('stat_links', { instance: 'b' })]: '2x11',
        },
        at: '7m',
        fires: { instance: 'a' },
      },
    },
    quiet: {
      'controllers are replaced': { series: { [process('stat_links')]: '2 0 1 2x10' }, at: '8m' },
    },
  },
  HpaBridgeNoLeader: {
    firing: {
      'nobody leads': {
        series: {
          [process('leader', { lease: 'l' })]: '1 0x10',
          [process('leader', { lease: 'l', instance: 'b' })]: '0x11',
        },
        at: '7m',
        fires: {},
      },
      'nobody is there': { series: { [process('leader', { lease: 'l' })]: '1 stale' }, at: '10m', fires: {} },
    },
    quiet: {
      'another one leads': {
        series: {
          [process('leader', { lease: 'l' })]: '1 0x10',
          [process('leader', { lease: 'l', instance: 'b' })]: '0 0 1x10',
        },
        at: '8m',
      },
    },
  },
  HpaBridgePrometheusUnreachable: {
    firing: {
      'a server is left in peace': {
        series: { [process('prometheus_circuit_open', { server: 'main' })]: '1x10' },
        at: '6m',
        fires: { server: 'main' },
      },
    },
    quiet: {
      'for a moment': {
        series: { [process('prometheus_circuit_open', { server: 'main' })]: '0 1 1 0x10' },
        at: '6m',
      },
    },
  },
  HpaBridgeExternalMetricsNotOurs: {
    firing: {
      'another program has it, and HPAs need it': {
        series: {
          [process('external_metrics_claim', { state: 'foreign' })]: '1x15',
          [process('external_metrics_claim', { state: 'ours' })]: '0x15',
          [process('revisions', { signal: 'query', backend: 'hpa' })]: '2x15',
        },
        at: '11m',
        fires: { state: 'foreign' },
      },
    },
    quiet: {
      'nobody needs it': {
        series: {
          [process('external_metrics_claim', { state: 'foreign' })]: '1x15',
          [process('revisions', { signal: 'query', backend: 'keda' })]: '2x15',
          [process('revisions', { signal: 'query', backend: 'hpa' })]: '0x15',
        },
        at: '11m',
      },
      'it is ours': {
        series: {
          [process('external_metrics_claim', { state: 'foreign' })]: '0x15',
          [process('external_metrics_claim', { state: 'ours' })]: '1x15',
          [process('revisions', { signal: 'query', backend: 'hpa' })]: '2x15',
        },
        at: '11m',
      },
    },
  },
  HpaBridgeExternalMetricsUnasked: {
    firing: {
      'nobody ever asked': {
        series: { [of('replicas')]: '3x15', [info('query')]: '1x15' },
        at: '11m',
        fires: {},
      },
      'nobody asks any more': {
        series: {
          [of('replicas')]: '3x40',
          [info('query')]: '1x40',
          [process('external_metrics_request_seconds_count', { code: '200' })]: '0+4x10 40x30',
        },
        at: '35m',
        fires: {},
      },
    },
    quiet: {
      'they ask': {
        series: {
          [of('replicas')]: '3x15',
          [info('query')]: '1x15',
          [process('external_metrics_request_seconds_count', { code: '200' })]: '0+4x15',
        },
        at: '14m',
      },
      'all of them sleep': { series: { [of('replicas')]: '0x15', [info('query')]: '1x15' }, at: '14m' },
      'KEDA scales them': {
        series: { [of('replicas')]: '3x15', [info('query', 'keda')]: '1x15' },
        at: '14m',
      },
    },
  },
  HpaBridgeCertificateExpiring: {
    firing: {
      'five days are left': {
        series: {
          [process('external_metrics_certificate_expiry_seconds')]: '432000x80',
          [process('webhook_certificate_expiry_seconds')]: '2592000x80',
        },
        at: '65m',
        fires: { of: 'external metrics' },
      },
      'five days are left to the webhook alone': {
        series: {
          [process('external_metrics_certificate_expiry_seconds')]: '2592000x80',
          [process('webhook_certificate_expiry_seconds')]: '432000x80',
        },
        at: '65m',
        fires: { of: 'the webhook' },
      },
      'five days are left to the one that KEDA sees': {
        series: { [process('keda_certificate_expiry_seconds')]: '432000x80' },
        at: '65m',
        fires: { of: "KEDA's questions" },
      },
    },
    quiet: {
      'a month is left': {
        series: {
          [process('external_metrics_certificate_expiry_seconds')]: '2592000x80',
          [process('webhook_certificate_expiry_seconds')]: '2592000x80',
        },
        at: '65m',
      },
    },
  },
  HpaBridgeConfigRefused: {
    firing: {
      'one replica keeps an older version': {
        series: {
          [process('config_valid', { configmap: 'config-autoscaler' })]: '1x10',
          [process('config_valid', { configmap: 'config-hpa-bridge' })]: '1 0x10',
          [process('config_valid', { configmap: 'config-hpa-bridge', instance: 'b' })]: '1x10',
        },
        at: '7m',
        fires: { configmap: 'config-hpa-bridge' },
      },
    },
    quiet: {
      'all are in force': {
        series: { [process('config_valid', { configmap: 'config-hpa-bridge' })]: '1x10' },
        at: '7m',
      },
    },
  },
  HpaBridgeWritesRefused: {
    firing: {
      'a right is missing': {
        series: { [process('reconcile_seconds_count', { result: 'forbidden' })]: '0+1x40' },
        at: '30m',
        fires: { result: 'forbidden' },
      },
    },
    quiet: {
      once: {
        series: { [process('reconcile_seconds_count', { result: 'rejected' })]: '0x5 1x40' },
        at: '30m',
      },
      'what passes by itself': {
        series: { [process('reconcile_seconds_count', { result: 'conflict' })]: '0+1x40' },
        at: '30m',
      },
    },
  },
  HpaBridgeLate: {
    firing: {
      'rounds of asking pods': {
        series: lateness('scrape_lateness_seconds', '0+50x20', '0+60x20'),
        at: '17m',
        fires: { instance: 'a' },
      },
      'requests to Prometheus': {
        series: lateness('prometheus_lateness_seconds', '0+50x20', '0+60x20'),
        at: '17m',
        fires: { instance: 'a' },
      },
    },
    quiet: {
      'one of a thousand': {
        series: lateness('scrape_lateness_seconds', '0+999x20', '0+1000x20'),
        at: '17m',
      },
      'nothing is measured': { series: lateness('scrape_lateness_seconds', '0x20', '0x20'), at: '17m' },
    },
  },
  HpaBridgeInternalFault: {
    firing: {
      one: { series: { [process('faults_total', { code: 'internal' })]: '0x5 1x10' }, at: '8m', fires: {} },
    },
    quiet: {
      none: { series: { [process('faults_total', { code: 'internal' })]: '0x20' }, at: '8m' },
      'an expected one': { series: { [process('faults_total', { code: 'conflict' })]: '0+3x20' }, at: '8m' },
    },
  },
};
