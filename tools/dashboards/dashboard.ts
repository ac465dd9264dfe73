import { heightOf, panelJson, type Panel } from './panel.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice above the panels: the values of a label. */
export interface Variable {
  readonly name: string;
  /** A query of Grafana: `label_values(series, label)`. */
  readonly values: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** Beside the data source and the cluster, which every dashboard has. */
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

type Json = Readonly<Record<string, unknown>>;

export const TAG = 'hpa-bridge';
const COLUMNS = 24;
const VERSION = 39;

const CLUSTER: Variable = { name: 'cluster', values: 'label_values(hpa_bridge_build_info, cluster)' };

/** The dashboard as Grafana's file provisioning and its sidecar take it. */
export const dashboardJson = ({ uid, title, about, variables, rows }: Dashboard): Json => ({
  uid,
  title: `hpa-bridge / ${title}`,
  description: about,
  tags: [TAG],
  editable: true,
  graphTooltip: 1,
  refresh: '30s',
  schemaVersion: VERSION,
  time: { from: 'now-1h', to: 'now' },
  timezone: 'browser',
  links: [
    {
      type: 'dashboards',
      title: 'hpa-bridge',
      tags: [TAG],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
    },
  ],
  templating: { list: [datasourceJson(), ...[CLUSTER, ...variables].map(variableJson)] },
  panels: placed(rows),
});

const datasourceJson = (): Json => ({
  name: 'datasource',
  label: 'data source',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
});

/** All values are chosen at first. A label that does not exist is matched, too. */
const variableJson = ({ name, values }: Variable): Json => ({
  name,
  type: 'query',
  datasource: { type: 'prometheus', uid: '${datasource}' },
  definition: values,
  query: { query: values, refId: name },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { selected: true, text: ['All'], value: ['$__all'] },
});

/** Each row under its title, its panels from the left to the right, as many in a line as there is room for. */
function placed(rows: readonly Row[]): readonly Json[] {
  const all: Json[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    all.push({
      id: all.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      const [w, h] = [panel.width, heightOf(panel)];
      if (x + w > COLUMNS) {
        y += tallest;
        x = 0;
        tallest = 0;
      }
      all.push({ id: all.length + 1, ...panelJson(panel), gridPos: { x, y, w, h } });
      x += w;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
  }
  return all;
}
