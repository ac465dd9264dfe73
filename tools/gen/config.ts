import { AUTOSCALER_KEYS, type ConfigRow } from '../../src/domain/config/autoscaler-table.ts';
import { BOOT } from '../../src/domain/config/boot.ts';
import { BRIDGE_KEYS } from '../../src/domain/config/bridge.ts';
import { DEPLOYMENT_KEYS } from '../../src/domain/config/deployment.ts';
import { FEATURES_KEYS } from '../../src/domain/config/features.ts';
import { KEDA_KEYS } from '../../src/domain/config/keda.ts';
import { NETWORK_KEYS } from '../../src/domain/config/network.ts';
import { printDuration, type Nanos } from '../../src/domain/go/duration.ts';
import { code, page, table } from './markdown.ts';

const HEAD = ['key', 'default', 'what it does'] as const;

interface Key {
  readonly key: string;
  readonly fallback: string;
  readonly doc: string;
}

const keys = (rows: Readonly<Record<string, Key>>): string =>
  table(
    HEAD,
    Object.values(rows).map(({ key, fallback, doc }) => [code(key), code(fallback), doc]),
  );

const printed = (value: unknown): string =>
  typeof value === 'bigint' ? printDuration(value as Nanos) : String(value);

const autoscaler = (): string =>
  table(
    HEAD,
    (Object.values(AUTOSCALER_KEYS) as readonly ConfigRow<unknown>[]).map(({ key, fallback, doc }) => [
      code(key),
      code(printed(fallback)),
      doc,
    ]),
  );

interface Boot {
  readonly flag?: string;
  readonly env?: string;
  readonly default?: string;
  readonly otherwise?: string;
  readonly doc: string;
}

const boot = (): string =>
  table(
    ['flag', 'variable', 'default', 'what it says'],
    (Object.values(BOOT) as readonly Boot[]).map((row) => [
      code(row.flag ?? ''),
      code(row.env ?? ''),
      row.default === undefined ? (row.otherwise ?? '') : code(row.default),
      row.doc,
    ]),
  );

/** docs/config.md */
export const configPage = (): string =>
  page(
    'Configuration',
    'Six ConfigMaps in the namespace of Knative Serving are watched. A good edit is in force within seconds. A bad one is refused as a whole, with an event on the ConfigMap that names the key, the value and what is expected; the last good one stays in force, or the defaults where there was none. A missing ConfigMap stands for its defaults.',
    '## config-hpa-bridge',
    'A key that is not listed here is reported with the nearest one that is.',
    keys(BRIDGE_KEYS),
    '## config-autoscaler-keda',
    'As autoscaler-keda has it. Other keys say nothing; one that is nearly one of these is reported.',
    keys(KEDA_KEYS),
    '## config-autoscaler',
    'As Knative Serving has it, with the same ranges. Other keys say nothing; one that is nearly one of these is reported.',
    autoscaler(),
    '## config-deployment',
    `As Knative Serving has it; its other keys say nothing to hpa-bridge. ${code(DEPLOYMENT_KEYS.progressDeadline.alias)} is an older spelling.`,
    keys(DEPLOYMENT_KEYS),
    '## config-features',
    'As Knative Serving has it; its other keys say nothing to hpa-bridge.',
    keys(FEATURES_KEYS),
    '## config-network',
    'As Knative has it; its other keys say nothing to hpa-bridge.',
    keys(NETWORK_KEYS),
    '## Flags and environment variables',
    'These are read once. A flag wins over its variable. Every bad value is named before the program ends with exit code 2.',
    boot(),
  );
