import { execFile } from 'node:child_process';
import { join } from 'node:path/posix';
import { parseAllDocuments, stringify } from 'yaml';
import { LAB, SYSTEM } from './lab.ts';

const CHART = 'charts/hpa-bridge';
export const RELEASE = 'hpa-bridge';

/** Helm and kubectl read YAML 1.1, where some words need quotes. */
const GO_YAML = { version: '1.1' } as const;

/** Values of the chart, as a user writes them. */
export type Values = Readonly<Record<string, unknown>>;

/** A rule of a role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A manifest that the chart, or kustomize, renders. */
export interface Rendered {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: Readonly<Record<string, unknown>>;
    };
  };
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

/** The real Helm as the lab's administrator; `values` come after the chart's own. */
export const helm = (command: string, args: readonly string[], values?: Values): Promise<Outcome> =>
  new Promise((resolve) => {
    const given = values === undefined ? [] : ['--values', '-'];
    const flags = ['--kubeconfig', join(LAB.run, 'admin.kubeconfig'), '--namespace', SYSTEM];
    const child = execFile(
      join(LAB.bin, 'helm'),
      [command, ...args, ...flags, ...given],
      { maxBuffer: 2 ** 26 },
      (error, out, said) => resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
    child.stdin?.end(values === undefined ? '' : stringify(values, GO_YAML));
  });

/** As `helm`; throws what it said when it fails. */
export async function succeeding(...command: Parameters<typeof helm>): Promise<string> {
  const { code, out, said } = await helm(...command);
  if (code !== 0) throw new Error(`helm ${command[0]}: ${said}`);
  return out;
}

/** The YAML that the chart renders. */
export const templateText = (values: Values = {}): Promise<string> =>
  succeeding('template', [RELEASE, CHART], values);

/** What that YAML holds. */
export const template = async (values: Values = {}): Promise<readonly Rendered[]> =>
  objectsOf(await templateText(values));

export const objectsOf = (text: string): readonly Rendered[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);

/** The same as YAML. */
export const yamlOf = (objects: readonly Rendered[]): string =>
  objects.map((object) => stringify(object, GO_YAML)).join('---\n');

/** Why Helm refuses these values. */
export async function refusal(values: Values): Promise<string> {
  const { code, said } = await helm('template', [RELEASE, CHART], values);
  if (code === 0) throw new Error('helm took the values');
  return said;
}

/** What `helm lint` says about the chart with these values. */
export const lint = (values: Values): Promise<Outcome> => helm('lint', [CHART, '--strict'], values);

/** Installs or upgrades the release. Objects that cases before applied by themselves become the release's. */
export const upgrade = (values: Values): Promise<string> =>
  succeeding(
    'upgrade',
    [RELEASE, CHART, '--install', '--take-ownership', '--timeout', '3m', '--wait'],
    values,
  );

export const uninstall = (): Promise<string> =>
  succeeding('uninstall', [RELEASE, '--wait', '--timeout', '3m']);
