import type { RevisionMetric } from '../../src/domain/revision-metrics/table.ts';
import type { Dashboard } from './dashboard.ts';
import { toRunbook, UIDS } from './links.ts';
import type { Panel } from './panel.ts';
import { each, total } from './promql.ts';
import { stat } from './usual.ts';

const SCOPE = 'namespace=~"$namespace", revision=~"$revision"';
const of = (name: RevisionMetric, matchers = '', ...by: readonly string[]): string =>
  each(SCOPE, name, { matchers, by });
const valuesOf = (label: string, matchers: string): string =>
  `label_values(hpa_bridge_revision_info{cluster=~"$cluster"${matchers}}, ${label})`;

const line = (legend: string, expr: string): Panel['queries'][number] => ({
  legend: `${legend} {{revision}}`.trim(),
  expr,
});

const REPLICAS = of('hpa_bridge_revision_replicas');
const STARTS = total(SCOPE, 'hpa_bridge_activator_revision_cold_starts_total');
/** A target for the revision as a whole stays as it is; one for each pod counts for as many as there are. */
const CARRIED = `${of('hpa_bridge_revision_target', 'per="pod"')} * on (namespace, revision) ${REPLICAS} or ${of('hpa_bridge_revision_target', 'per="revision"')}`;

/** One revision, or a few of them beside each other. */
export const REVISION: Dashboard = {
  uid: UIDS.revision,
  title: 'Revision',
  about:
    'Why a revision has the replicas that it has. `hpa-bridge explain NAMESPACE/REVISION` tells the same in words.',
  variables: [
    { name: 'namespace', values: valuesOf('namespace', '') },
    { name: 'service', values: valuesOf('service', ', namespace=~"$namespace"') },
    { name: 'revision', values: valuesOf('revision', ', namespace=~"$namespace", service=~"$service"') },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Scales by', 'The signal, and who moves the replicas.', {
          names: true,
          queries: [
            {
              expr: of('hpa_bridge_revision_info', '', 'signal', 'backend'),
              legend: '{{signal}} / {{backend}}',
            },
          ],
        }),
        stat('Evidence', 'The rung of the ladder that the newest decision stands on.', {
          names: true,
          queries: [{ expr: of('hpa_bridge_revision_rung', '', 'rung'), legend: '{{rung}}' }],
        }),
        stat('Age of the evidence', 'Since the newest number was taken.', {
          unit: 's',
          queries: [line('', `time() - ${of('hpa_bridge_revision_evidence_timestamp_seconds')}`)],
        }),
        stat('Desired', 'Replicas that are wanted after all limits.', {
          queries: [line('', of('hpa_bridge_revision_desired_replicas'))],
        }),
        stat('Ready', 'Pods that are Running and Ready.', {
          queries: [line('', of('hpa_bridge_revision_ready_pods'))],
        }),
        stat('Bounds', 'min-scale and max-scale in force; no max is none.', {
          queries: [
            line('min', of('hpa_bridge_revision_min_replicas')),
            line('max', of('hpa_bridge_revision_max_replicas')),
          ],
        }),
      ],
    },
    {
      title: 'Why',
      panels: [
        {
          kind: 'graph',
          title: 'Value against target',
          about:
            'What is measured, and what the replicas that there are should carry together. Where the value is above, more are wanted.',
          unit: 'short',
          width: 12,
          queries: [line('value', of('hpa_bridge_revision_value')), line('carried at the target', CARRIED)],
        },
        {
          kind: 'graph',
          title: 'Replicas',
          about:
            'What the number alone asks for, what is wanted after all limits, what the Deployment is told, what is ready.',
          unit: 'short',
          width: 12,
          queries: [
            line('unlimited', of('hpa_bridge_revision_unlimited_replicas')),
            line('desired', of('hpa_bridge_revision_desired_replicas')),
            line('replicas', REPLICAS),
            line('ready', of('hpa_bridge_revision_ready_pods')),
            line('min', of('hpa_bridge_revision_min_replicas')),
            line('max', of('hpa_bridge_revision_max_replicas')),
          ],
        },
        {
          kind: 'graph',
          title: 'Evidence',
          about: 'On which rung of the ladder it stood when.',
          unit: 'none',
          width: 8,
          stacked: true,
          queries: [line('{{rung}}', of('hpa_bridge_revision_rung', '', 'rung'))],
        },
        {
          kind: 'graph',
          title: 'Why there is no fresh number',
          about: 'A code of docs/faults.md; nothing while there is one.',
          unit: 'none',
          width: 8,
          stacked: true,
          queries: [line('{{fault}}', of('hpa_bridge_revision_fault', '', 'fault'))],
        },
        {
          kind: 'graph',
          title: 'Limits',
          about: 'What changed the number of replicas; the words are those of docs/decision-record.md.',
          unit: 'none',
          width: 8,
          stacked: true,
          queries: [line('{{limit}}', of('hpa_bridge_revision_limit', '', 'limit'))],
        },
        {
          kind: 'graph',
          title: 'Requests at activators',
          about: 'That activators hold or forward, and those of them that wait for a pod.',
          unit: 'short',
          width: 8,
          queries: [
            line('in flight', total(SCOPE, 'hpa_bridge_activator_revision_in_flight')),
            line('waiting', total(SCOPE, 'hpa_bridge_activator_revision_waiting')),
          ],
        },
        {
          kind: 'graph',
          title: 'Starts from zero',
          about: 'Since the activators run that count them.',
          unit: 'short',
          width: 8,
          queries: [line('starts', STARTS)],
        },
        {
          kind: 'graph',
          title: 'Time of a start from zero',
          about:
            'From the first request until a pod takes requests, on average of these starts. Its phases, of all revisions, are on the dashboard of activators.',
          unit: 's',
          width: 8,
          queries: [
            line(
              'average',
              `${total(SCOPE, 'hpa_bridge_activator_revision_cold_start_seconds_total')} / ${STARTS}`,
            ),
          ],
        },
        {
          kind: 'graph',
          title: 'Moves',
          about:
            'Times that another number of pods was asked for, in each interval. Both directions in turn are flapping.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `sum by (namespace, revision, direction) (increase(hpa_bridge_revision_moves_total{cluster=~"$cluster", ${SCOPE}}[$__rate_interval]))`,
              legend: '{{direction}} {{revision}}',
            },
          ],
        },
        {
          kind: 'table',
          title: 'Alerts',
          about:
            'Alerts of hpa-bridge about what is chosen, pending or firing. A click on a name leads to its runbook.',
          unit: 'none',
          width: 12,
          hidden: ['Value', '__name__'],
          links: { alertname: toRunbook },
          queries: [
            {
              expr: `ALERTS{cluster=~"$cluster", alertname=~"HpaBridge.+", ${SCOPE}}`,
              legend: 'alert',
            },
          ],
        },
      ],
    },
  ],
};
