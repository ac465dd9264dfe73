import { code, page, table } from '../markdown.ts';
import { valuesBelow } from './values.ts';
import type { Group, Value } from './value.ts';

/** charts/hpa-bridge/README.md */
export const chartReadme = (values: Group): string =>
  page(
    'hpa-bridge',
    'Scales Knative services on any PromQL query, on cpu, on memory or on their requests in flight.',
    '```sh\nhelm install hpa-bridge charts/hpa-bridge --namespace knative-serving\n```',
    [
      'It belongs into the namespace of Knative Serving, once in a cluster: its objects are called `hpa-bridge` whatever the release is called. How it is',
      'installed beside kube-prometheus-stack, upgraded and removed: `docs/install.md` of the repository. What it installs is what `kubectl apply -k config`',
      'does, with these values over it.',
    ].join('\n'),
    '## Values',
    'A value that is not listed here is refused. Where the default is in brackets, nothing is set and that holds.',
    table(
      ['value', 'default', 'what it says'],
      valuesBelow(values).map(([path, row]) => [code(path), defaultOf(row), row.doc]),
    ),
  );

function defaultOf({ fallback, otherwise }: Value): string {
  if (fallback !== undefined) return code(JSON.stringify(fallback));
  return otherwise === undefined || otherwise === '' ? '' : `(${code(otherwise)})`;
}
