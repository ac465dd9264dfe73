import type { Dashboard } from './dashboard.ts';
import { UIDS } from './links.ts';
import type { Query } from './panel.ts';
import { average, count, quantile, rate, rateCount, series, spread } from './promql.ts';
import { graph, stat } from './usual.ts';

const one = (expr: string, legend: string): readonly Query[] => [{ expr, legend }];

/** How the controller itself is. */
export const HEALTH: Dashboard = {
  uid: UIDS.health,
  title: 'Bridge health',
  about: 'The processes of the controller: who leads, what they read, write and ask, and how long it takes.',
  variables: [],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Leaders', 'Exactly one replica should lead.', {
          queries: one(`sum(${series('hpa_bridge_leader')})`, 'leaders'),
        }),
        stat('Version', 'Builds that run.', {
          names: true,
          queries: one(
            `count by (version, commit) (${series('hpa_bridge_build_info')})`,
            '{{version}} ({{commit}})',
          ),
        }),
        stat('Caches not filled', 'Lists that some replica has not read yet; it is not ready.', {
          badFrom: 1,
          queries: one(count(`${series('hpa_bridge_caches_synced')} == 0`), 'caches'),
        }),
        stat('ConfigMaps refused', 'Of these the last good version stays in force.', {
          badFrom: 1,
          queries: one(count(`${series('hpa_bridge_config_valid')} == 0`), 'ConfigMaps'),
        }),
        stat('external.metrics.k8s.io', 'Who serves it in this cluster, as the leader sees it.', {
          names: true,
          queries: one(`max by (state) (${series('hpa_bridge_external_metrics_claim')}) == 1`, '{{state}}'),
        }),
        stat(
          'Certificates',
          'Time until the certificates of external metrics, of the webhook and of KEDA\u2019s questions end.',
          {
            unit: 's',
            names: true,
            queries: [
              {
                expr: `min(${series('hpa_bridge_external_metrics_certificate_expiry_seconds')}) - time()`,
                legend: 'external metrics',
              },
              {
                expr: `min(${series('hpa_bridge_webhook_certificate_expiry_seconds')}) - time()`,
                legend: 'webhook',
              },
              {
                expr: `min(${series('hpa_bridge_keda_certificate_expiry_seconds')}) - time()`,
                legend: 'KEDA',
              },
            ],
          },
        ),
      ],
    },
    {
      title: 'Reconcile',
      panels: [
        graph('Reconciles', 'By result: done, requeue, or the code of a fault.', 'ops', [
          {
            expr: rateCount('hpa_bridge_reconcile_seconds', 'result'),
            legend: '{{result}}',
          },
        ]),
        graph(
          'Duration of a reconcile',
          'Writes and their answers included.',
          's',
          spread('hpa_bridge_reconcile_seconds'),
        ),
        graph(
          'Wait in the queue',
          'From the moment that a key is due until a worker takes it.',
          's',
          spread('hpa_bridge_workqueue_wait_seconds'),
        ),
        graph('Queue', 'Keys that wait for a worker. The replica that does not lead keeps them.', 'short', [
          { expr: `sum by (instance) (${series('hpa_bridge_workqueue_depth')})`, legend: '{{instance}}' },
        ]),
        graph(
          'Keys put back',
          'With backoff, because something failed.',
          'ops',
          one(rate('hpa_bridge_workqueue_retries_total'), 'put back'),
        ),
        graph(
          'Faults',
          'The eight most frequent, by code (docs/faults.md).',
          'ops',
          one(`topk(8, ${rate('hpa_bridge_faults_total', 'code')})`, '{{code}}'),
        ),
      ],
    },
    {
      title: 'API server',
      panels: [
        graph('Requests', 'Without watches, by verb and status code.', 'ops', [
          {
            expr: rateCount('hpa_bridge_api_request_seconds', 'verb', 'code'),
            legend: '{{verb}} {{code}}',
          },
        ]),
        graph(
          'Duration of a request',
          '99th percentile by verb.',
          's',
          one(quantile(0.99, 'hpa_bridge_api_request_seconds', 'verb'), '{{verb}}'),
        ),
        graph(
          'Writes',
          'That the API server accepted.',
          'ops',
          one(rate('hpa_bridge_writes_total', 'kind', 'verb'), '{{verb}} {{kind}}'),
        ),
        graph(
          'Objects in the caches',
          'By resource.',
          'short',
          one(`max by (resource) (${series('hpa_bridge_cache_objects')})`, '{{resource}}'),
        ),
        graph(
          'Watches opened again',
          'By resource and cause; now and then is normal.',
          'ops',
          one(
            `${rate('hpa_bridge_watch_restarts_total', 'resource', 'cause')} or vector(0)`,
            '{{resource}} {{cause}}',
          ),
        ),
        graph('Events', 'By outcome.', 'ops', one(rate('hpa_bridge_events_total', 'outcome'), '{{outcome}}')),
      ],
    },
    {
      title: 'Prometheus',
      panels: [
        graph(
          'Questions',
          'By server and outcome: scalar and vector are numbers, all else is a fault.',
          'ops',
          one(rate('hpa_bridge_prometheus_queries_total', 'server', 'outcome'), '{{server}} {{outcome}}'),
        ),
        graph(
          'Requests',
          'By server and outcome; one carries many questions.',
          'ops',
          one(rate('hpa_bridge_prometheus_requests_total', 'server', 'outcome'), '{{server}} {{outcome}}'),
        ),
        graph('Questions in a request', 'On average, by server.', 'short', [
          {
            expr: average('hpa_bridge_prometheus_questions_per_request', 'server'),
            legend: '{{server}}',
          },
        ]),
        graph(
          'Duration of a request',
          '99th percentile by server.',
          's',
          one(quantile(0.99, 'hpa_bridge_prometheus_request_seconds', 'server'), '{{server}}'),
        ),
        graph(
          'Lateness',
          '99th percentile of the time from the moment that a request was to be sent until it was.',
          's',
          one(quantile(0.99, 'hpa_bridge_prometheus_lateness_seconds', 'server'), '{{server}}'),
        ),
        graph(
          'Left in peace',
          '1 while a server that fails is asked only now and then.',
          'short',
          one(`max by (server) (${series('hpa_bridge_prometheus_circuit_open')})`, '{{server}}'),
        ),
      ],
    },
    {
      title: 'Pods',
      panels: [
        graph(
          'Rounds of asking pods',
          'By outcome.',
          'ops',
          one(rate('hpa_bridge_scrapes_total', 'outcome'), '{{outcome}}'),
        ),
        graph(
          'Duration of a round',
          'All requests of it together.',
          's',
          spread('hpa_bridge_scrape_seconds'),
        ),
        graph(
          'Lateness of rounds',
          'From the moment that a round was to begin until it did.',
          's',
          spread('hpa_bridge_scrape_lateness_seconds'),
        ),
        graph(
          'Decisions by pods',
          'By result.',
          'ops',
          one(rate('hpa_bridge_ticks_total', 'result'), '{{result}}'),
        ),
        graph(
          'Moves',
          'Times that another number of pods was asked for than there were, by signal and direction.',
          'ops',
          one(rate('hpa_bridge_moves_total', 'signal', 'direction'), '{{signal}} {{direction}}'),
        ),
      ],
    },
    {
      title: 'Who asks',
      panels: [
        graph('External metrics', 'Requests of HPAs, by status code.', 'ops', [
          {
            expr: rateCount('hpa_bridge_external_metrics_request_seconds', 'code'),
            legend: '{{code}}',
          },
        ]),
        graph(
          'Duration of an answer to an HPA',
          'No answer waits for Prometheus.',
          's',
          spread('hpa_bridge_external_metrics_request_seconds'),
        ),
        graph(
          'Questions of KEDA',
          'By method and status code of gRPC.',
          'ops',
          one(rate('hpa_bridge_keda_questions_total', 'method', 'code'), '{{method}} {{code}}'),
        ),
        graph(
          'Streams of KEDA',
          'Two for each ScaledObject with the trigger bridge.',
          'short',
          one(`sum by (instance) (${series('hpa_bridge_keda_streams')})`, '{{instance}}'),
        ),
        graph(
          'Delay of the event loop',
          'The longest in each interval of scraping, by process. Whoever waits for the process waits so long.',
          's',
          one(
            `max by (instance, quantile) (${series('hpa_bridge_event_loop_lag_seconds')})`,
            '{{instance}} {{quantile}}',
          ),
        ),
      ],
    },
  ],
};
