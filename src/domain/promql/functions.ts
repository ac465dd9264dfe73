export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

const LETTERS: Readonly<Record<string, ValueType>> = {
  s: 'scalar',
  t: 'string',
  v: 'instant vector',
  m: 'range vector',
};

/** One argument; only the last ones of a function may be left out, only the very last may repeat. */
export interface Parameter {
  readonly type: ValueType;
  readonly optional: boolean;
  readonly repeats: boolean;
}

/** What a function takes: `v` instant vector, `m` range vector, `s` scalar, `t` text; `?` may be absent, `*` may be absent or repeat. */
const SIGNATURES: readonly (readonly [takes: string, names: string])[] = [
  [
    'v',
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt tan tanh timestamp',
  ],
  ['v?', 'day_of_month day_of_week day_of_year days_in_month hour minute month year'],
  [
    'm',
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
  ],
  ['', 'pi time'],
  ['s', 'vector'],
  ['v s', 'clamp_max clamp_min'],
  ['v s?', 'round'],
  ['v s s', 'clamp'],
  ['v t*', 'sort_by_label sort_by_label_desc'],
  ['v v?', 'info'],
  ['v t t t t', 'label_replace'],
  ['v t t t*', 'label_join'],
  ['m s', 'predict_linear'],
  ['m s s', 'double_exponential_smoothing'],
  ['s m', 'quantile_over_time'],
  ['s v', 'histogram_quantile'],
  ['s s v', 'histogram_fraction'],
];

const parameter = (written: string): Parameter => ({
  type: LETTERS[written.charAt(0)] ?? 'instant vector',
  optional: /[?*]$/.test(written),
  repeats: written.endsWith('*'),
});

/**
 * The parameters of the functions of PromQL (prometheus: promql/parser/functions.go). A function that the grammar knows and this table
 * does not is too new to be checked.
 */
export const FUNCTIONS: ReadonlyMap<string, readonly Parameter[]> = new Map(
  SIGNATURES.flatMap(([takes, names]) => {
    const parameters = takes
      .split(' ')
      .filter((one) => one !== '')
      .map(parameter);
    return names.split(' ').map((name) => [name, parameters] as const);
  }),
);

/** The functions that give a scalar; all others give an instant vector. */
export const SCALAR_FUNCTIONS: ReadonlySet<string> = new Set([
  'scalar',
  'pi',
  'time',
  'start',
  'end',
  'range',
  'step',
]);

const AGGREGATIONS_WITH: Readonly<Record<string, ValueType>> = {
  topk: 'scalar',
  bottomk: 'scalar',
  quantile: 'scalar',
  limitk: 'scalar',
  limit_ratio: 'scalar',
  count_values: 'string',
};

/** What an aggregation takes: a parameter first where it has one, then the vector. */
export function aggregationTakes(name: string): readonly Parameter[] {
  const first = Object.hasOwn(AGGREGATIONS_WITH, name) ? AGGREGATIONS_WITH[name] : undefined;
  const types: readonly ValueType[] = first === undefined ? ['instant vector'] : [first, 'instant vector'];
  return types.map((type) => ({ type, optional: false, repeats: false }));
}

/** Every word that may stand before a parenthesis. */
export const CALLABLE: readonly string[] = [
  ...FUNCTIONS.keys(),
  ...Object.keys(AGGREGATIONS_WITH),
  ...['avg', 'count', 'group', 'max', 'min', 'stddev', 'stdvar', 'sum'],
];
