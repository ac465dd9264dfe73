/** Units of Grafana that we use. `none` is a plain number. */
export const UNITS = ['none', 'short', 's', 'ops', 'cpm', 'dtdurations'] as const;
export type Unit = (typeof UNITS)[number];

export interface Query {
  readonly expr: string;
  /** `{{revision}}`; a text without braces names a single series. */
  readonly legend: string;
}

/** What a click on a value leads to. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

interface Common {
  readonly title: string;
  /** What it shows and how to read it. */
  readonly about: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width: number;
}

export type Panel =
  | (Common & { readonly kind: 'graph'; readonly stacked?: boolean })
  /** `names`: the names of the series are shown, not their values. */
  | (Common & { readonly kind: 'stat'; readonly names?: boolean; readonly badFrom?: number })
  /** One row for each set of labels; the columns after the labels are named by the legends. */
  | (Common & {
      readonly kind: 'table';
      readonly hidden?: readonly string[];
      readonly links?: Readonly<Record<string, Link>>;
    });

type Json = Readonly<Record<string, unknown>>;

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const HEIGHT = { graph: 8, stat: 4, table: 10 } as const;

export const heightOf = ({ kind }: Panel): number => HEIGHT[kind];

/** A panel as Grafana has it, without its id and place. */
export function panelJson(panel: Panel): Json {
  const { title, about, queries, unit } = panel;
  const common = {
    title,
    description: about,
    datasource: DATASOURCE,
    targets: queries.map((query, i) => targetJson(query, i, panel.kind)),
  };
  switch (panel.kind) {
    case 'graph':
      return { type: 'timeseries', ...common, ...graphJson(unit, panel.stacked === true) };
    case 'stat':
      return { type: 'stat', ...common, ...statJson(panel) };
    case 'table':
      return { type: 'table', ...common, ...tableJson(panel) };
  }
}

function targetJson({ expr, legend }: Query, index: number, kind: Panel['kind']): Json {
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    ...(kind === 'graph' ? { range: true } : { instant: true, range: false }),
    ...(kind === 'table' ? { format: 'table' } : {}),
  };
}

const graphJson = (unit: Unit, stacked: boolean): Json => ({
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      custom: {
        lineWidth: 1,
        fillOpacity: stacked ? 40 : 5,
        showPoints: 'never',
        stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
      },
    },
    overrides: [],
  },
  options: {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
});

const statJson = ({ unit, names, badFrom }: Extract<Panel, { kind: 'stat' }>): Json => ({
  fieldConfig: {
    defaults: {
      unit,
      thresholds: {
        mode: 'absolute',
        steps: [
          { color: badFrom === undefined ? 'blue' : 'green', value: null },
          ...(badFrom === undefined ? [] : [{ color: 'red', value: badFrom }]),
        ],
      },
    },
    overrides: [],
  },
  options: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    textMode: names === true ? 'name' : 'auto',
    colorMode: 'value',
    graphMode: 'none',
  },
});

function tableJson({ unit, queries, hidden = [], links = {} }: Extract<Panel, { kind: 'table' }>): Json {
  const valueOf = (i: number): string =>
    queries.length === 1 ? 'Value' : `Value #${String.fromCharCode('A'.charCodeAt(0) + i)}`;
  return {
    fieldConfig: {
      defaults: { unit, custom: { filterable: true } },
      overrides: Object.entries(links).map(([field, link]) => ({
        matcher: { id: 'byName', options: field },
        properties: [{ id: 'links', value: [link] }],
      })),
    },
    options: { showHeader: true },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
          renameByName: Object.fromEntries(queries.map(({ legend }, i) => [valueOf(i), legend])),
        },
      },
    ],
  };
}
