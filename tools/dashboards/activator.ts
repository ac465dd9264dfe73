import type { MetricName } from '../../src/domain/telemetry.ts';
import type { Dashboard } from './dashboard.ts';
import { UIDS } from './links.ts';
import type { Panel, Query } from './panel.ts';
import { observed, quantile, quantileWhere, rate, rateCount, series, spread, total } from './promql.ts';
import { graph, single } from './usual.ts';

const SCOPE = 'namespace=~"$namespace", revision=~"$revision"';
const SERVING = 'phase="serving"';

const ofEach = (name: MetricName): readonly Query[] => [
  { expr: `sum by (instance) (${series(name)})`, legend: '{{instance}}' },
];

const stacked = (panel: ReturnType<typeof graph>): Panel => ({ ...panel, stacked: true });

/** What goes through activators, and how revisions come back from zero. */
export const ACTIVATOR: Dashboard = {
  uid: UIDS.activator,
  title: 'Activator',
  about:
    'Requests for revisions that have no pods, or too few of them: how many there are, how long they wait, and what a start from zero is made of.',
  variables: [
    {
      name: 'namespace',
      values: 'label_values(hpa_bridge_activator_revision_in_flight{cluster=~"$cluster"}, namespace)',
    },
    {
      name: 'revision',
      values:
        'label_values(hpa_bridge_activator_revision_in_flight{cluster=~"$cluster", namespace=~"$namespace"}, revision)',
    },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        single(
          'Ready',
          'Activators that are ready, as the controllers see them.',
          `max(${series('hpa_bridge_activators_ready')})`,
        ),
        single(
          'In flight',
          'Requests that activators hold or forward.',
          `sum(${series('hpa_bridge_activator_in_flight')})`,
        ),
        single(
          'Waiting',
          'Those of them that wait for a pod.',
          `sum(${series('hpa_bridge_activator_waiting')})`,
        ),
        single(
          'Asleep',
          'Revisions without pods that activators stand in for.',
          `sum(${series('hpa_bridge_revision_life', 'state="zero"')}) or vector(0)`,
        ),
        single(
          'Starts in an hour',
          'Revisions that came back from zero.',
          `sum(increase(${observed('hpa_bridge_cold_start_seconds', SERVING)}[1h]))`,
        ),
        single(
          'Turned away in an hour',
          'Requests that were refused because as many waited for their revision as may.',
          `sum(increase(${series('hpa_bridge_activator_unserved_total', 'ended="refused"')}[1h]))`,
          1,
        ),
      ],
    },
    {
      title: 'Traffic',
      panels: [
        stacked(
          graph(
            'Requests',
            'That have ended, by class of the status code; none is a client that was gone before.',
            'ops',
            [{ expr: rate('hpa_bridge_activator_requests_total', 'code'), legend: '{{code}}' }],
          ),
        ),
        graph(
          'Without the answer of a pod',
          'Requests that were refused, whose time was over, that no pod took or answered to the end, or whose client had gone.',
          'ops',
          [{ expr: rate('hpa_bridge_activator_unserved_total', 'ended'), legend: '{{ended}}' }],
        ),
        graph('In flight', 'By activator.', 'short', ofEach('hpa_bridge_activator_in_flight')),
        graph(
          'Waiting',
          'Requests that wait for a pod, by activator.',
          'short',
          ofEach('hpa_bridge_activator_waiting'),
        ),
        graph(
          'Time in the queue',
          'Of those that waited for 1 ms or more, until a pod took them.',
          's',
          spread('hpa_bridge_activator_held_seconds'),
        ),
        graph(
          'Questions to pods whether they serve',
          'By outcome; no-connection is what pods answer that are not up yet.',
          'ops',
          [{ expr: rate('hpa_bridge_activator_probes_total', 'outcome'), legend: '{{outcome}}' }],
        ),
      ],
    },
    {
      title: 'From zero',
      panels: [
        graph(
          'A start by phase',
          'Half of all starts had come so far after so long: told to have pods, a pod made, its address known, it takes requests, its first answer begins.',
          's',
          [{ expr: quantile(0.5, 'hpa_bridge_cold_start_seconds', 'phase'), legend: '{{phase}}' }],
        ),
        graph(
          'Time until a pod takes requests',
          'Against the objective that activators are started with (--cold-start-objective).',
          's',
          [
            ...[0.5, 0.95].map((q) => ({
              expr: quantileWhere(q, 'hpa_bridge_cold_start_seconds', SERVING),
              legend: `${q * 100} %`,
            })),
            { expr: `max(${series('hpa_bridge_cold_start_objective_seconds')})`, legend: 'objective' },
          ],
        ),
        graph('Starts', 'In a second, by how far they came.', 'ops', [
          { expr: rateCount('hpa_bridge_cold_start_seconds', 'phase'), legend: '{{phase}}' },
        ]),
        graph('Wakes', 'Tries to wake a revision; a conflict is another one that was first.', 'ops', [
          { expr: rate('hpa_bridge_wakes_total', 'outcome'), legend: '{{outcome}}' },
        ]),
        stacked(
          graph(
            'Lives',
            'Revisions whose Services hpa-bridge keeps, by where they stand (docs/zero.md).',
            'short',
            [{ expr: `sum by (state) (${series('hpa_bridge_revision_life')})`, legend: '{{state}}' }],
          ),
        ),
        graph('Called back', 'Revisions that were on their way to zero, by what called them.', 'ops', [
          { expr: rate('hpa_bridge_zero_cancelled_total', 'cause'), legend: '{{cause}}' },
        ]),
      ],
    },
    {
      title: 'Each revision',
      panels: [
        graph('In flight by revision', 'The ten with the most.', 'short', [
          {
            expr: `topk(10, ${total(SCOPE, 'hpa_bridge_activator_revision_in_flight')})`,
            legend: '{{namespace}}/{{revision}}',
          },
        ]),
        graph('Waiting by revision', 'The ten with the most.', 'short', [
          {
            expr: `topk(10, ${total(SCOPE, 'hpa_bridge_activator_revision_waiting')})`,
            legend: '{{namespace}}/{{revision}}',
          },
        ]),
        graph('Slowest to start', 'On average since the activators run; the ten slowest.', 's', [
          {
            expr: `topk(10, ${total(SCOPE, 'hpa_bridge_activator_revision_cold_start_seconds_total')} / ${total(SCOPE, 'hpa_bridge_activator_revision_cold_starts_total')})`,
            legend: '{{namespace}}/{{revision}}',
          },
        ]),
      ],
    },
    {
      title: 'Process',
      panels: [
        graph(
          'Controllers that are told',
          'Of requests, over a connection to each, by activator.',
          'short',
          ofEach('hpa_bridge_stat_links'),
        ),
        graph('Reports', 'Of single revisions, that controllers got from activators, by outcome.', 'ops', [
          { expr: rate('hpa_bridge_stats_total', 'outcome'), legend: '{{outcome}}' },
        ]),
      ],
    },
  ],
};
