import type { RevisionMetric } from '../../src/domain/revision-metrics/table.ts';
import type { Dashboard } from './dashboard.ts';
import { toRevision, UIDS } from './links.ts';
import type { Panel } from './panel.ts';
import { count, each, observed, series, total } from './promql.ts';
import { single } from './usual.ts';

const SCOPE = 'namespace=~"$namespace"';
const of = (name: RevisionMetric, matchers = '', ...by: readonly string[]): string =>
  each(SCOPE, name, { matchers, by });

const DESIRED = of('hpa_bridge_revision_desired_replicas');
const AT_MAX = `${DESIRED} >= ${of('hpa_bridge_revision_max_replicas')}`;

const column = (
  legend: string,
  name: RevisionMetric,
  ...by: readonly string[]
): Panel['queries'][number] => ({
  legend,
  expr: of(name, '', ...by),
});

/** Every revision at a glance. */
export const FLEET: Dashboard = {
  uid: UIDS.fleet,
  title: 'Fleet',
  about:
    'All revisions that hpa-bridge scales: how many there are of which state, what moves, and each of them in a table that leads to its own dashboard.',
  variables: [
    { name: 'namespace', values: 'label_values(hpa_bridge_revision_info{cluster=~"$cluster"}, namespace)' },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        single('Revisions', 'Revisions of our classes.', count(of('hpa_bridge_revision_info'))),
        single('Ready pods', 'Of all of them together.', `sum(${of('hpa_bridge_revision_ready_pods')})`),
        single(
          'At max',
          'Revisions that have as many replicas as max-scale allows: they may need more.',
          count(AT_MAX),
          1,
        ),
        single(
          'No fresh number',
          'Revisions whose query gives no number now: they are scaled by weaker evidence, or held.',
          count(of('hpa_bridge_revision_fault')),
          1,
        ),
        single(
          'Refused',
          'Revisions from whose annotations nothing can be built; the condition AnnotationsValid of the PodAutoscaler says why.',
          count(of('hpa_bridge_revision_info', 'signal="invalid"')),
          1,
        ),
        single(
          'Alerts',
          'Alerts of hpa-bridge that fire.',
          'count(ALERTS{cluster=~"$cluster", alertname=~"HpaBridge.+", alertstate="firing"}) or vector(0)',
          1,
        ),
      ],
    },
    {
      title: 'By state',
      panels: [
        {
          kind: 'graph',
          title: 'By what they scale by',
          about: 'Revisions by signal and by who moves their replicas.',
          unit: 'short',
          width: 8,
          stacked: true,
          queries: [
            {
              expr: `count by (signal, backend) (${of('hpa_bridge_revision_info', '', 'signal', 'backend')})`,
              legend: '{{signal}} / {{backend}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'By evidence',
          about:
            'Revisions that hpa-bridge measures, by the rung of the ladder that they stand on. Everything but fresh, and concurrency for those that scale by it, is a fallback.',
          unit: 'short',
          width: 8,
          stacked: true,
          queries: [
            {
              expr: `count by (rung) (${of('hpa_bridge_revision_rung', '', 'rung')})`,
              legend: '{{rung}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'By size',
          about: 'Revisions without replicas, at max-scale, and all of them.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: count(`${DESIRED} == 0`), legend: 'asleep' },
            { expr: count(AT_MAX), legend: 'at max' },
            { expr: count(DESIRED), legend: 'all' },
          ],
        },
        {
          kind: 'graph',
          title: 'By life',
          about:
            'Revisions whose Services hpa-bridge keeps, so that they may go to zero, by where they stand (docs/zero.md); of all namespaces.',
          unit: 'short',
          width: 8,
          stacked: true,
          queries: [{ expr: `sum by (state) (${series('hpa_bridge_revision_life')})`, legend: '{{state}}' }],
        },
        {
          kind: 'graph',
          title: 'Why there is no fresh number',
          about: 'Revisions by the fault of their query; the codes are those of docs/faults.md.',
          unit: 'short',
          width: 8,
          stacked: true,
          queries: [
            {
              expr: `count by (fault) (${of('hpa_bridge_revision_fault', '', 'fault')})`,
              legend: '{{fault}}',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'What limits them',
          about: 'Revisions by each limit that changed their newest decision.',
          unit: 'short',
          width: 8,
          stacked: true,
          queries: [
            {
              expr: `count by (limit) (${of('hpa_bridge_revision_limit', '', 'limit')})`,
              legend: '{{limit}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Movement',
      panels: [
        {
          kind: 'graph',
          title: 'Changes in a minute',
          about:
            'Changes of the replicas that are wanted, of all revisions together, whoever scales them; over five minutes.',
          unit: 'cpm',
          width: 12,
          queries: [
            {
              expr: `sum(changes(hpa_bridge_revision_desired_replicas{cluster=~"$cluster", ${SCOPE}}[5m])) / 5`,
              legend: 'changes',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Replicas',
          about: 'Replicas that are wanted, that Deployments are told to have, and pods that are ready.',
          unit: 'short',
          width: 12,
          queries: [
            { expr: `sum(${DESIRED})`, legend: 'desired' },
            { expr: `sum(${of('hpa_bridge_revision_replicas')})`, legend: 'replicas' },
            { expr: `sum(${of('hpa_bridge_revision_ready_pods')})`, legend: 'ready' },
          ],
        },
        {
          kind: 'graph',
          title: 'Starts from zero in a minute',
          about: 'Revisions that came back, in all namespaces; over five minutes.',
          unit: 'cpm',
          width: 12,
          queries: [
            {
              expr: `sum(rate(${observed('hpa_bridge_cold_start_seconds', 'phase="serving"')}[5m])) * 60`,
              legend: 'starts',
            },
          ],
        },
        {
          kind: 'graph',
          title: 'Requests at activators',
          about: 'Requests that activators hold or forward, and those of them that wait for a pod.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `sum(${total(SCOPE, 'hpa_bridge_activator_revision_in_flight')}) or vector(0)`,
              legend: 'in flight',
            },
            {
              expr: `sum(${total(SCOPE, 'hpa_bridge_activator_revision_waiting')}) or vector(0)`,
              legend: 'waiting',
            },
          ],
        },
      ],
    },
    {
      title: 'Each revision',
      panels: [
        {
          kind: 'table',
          title: 'Revisions',
          about: 'A click on a revision leads to its own dashboard.',
          unit: 'short',
          width: 24,
          hidden: ['Value #A', 'Value #H'],
          links: { revision: toRevision },
          queries: [
            column('info', 'hpa_bridge_revision_info', 'service', 'signal', 'backend'),
            column('desired', 'hpa_bridge_revision_desired_replicas'),
            column('ready', 'hpa_bridge_revision_ready_pods'),
            column('min', 'hpa_bridge_revision_min_replicas'),
            column('max', 'hpa_bridge_revision_max_replicas'),
            column('value', 'hpa_bridge_revision_value'),
            column('target', 'hpa_bridge_revision_target'),
            column('rung', 'hpa_bridge_revision_rung', 'rung'),
          ],
        },
      ],
    },
  ],
};
