import { err, ok, type Result } from '../result.ts';
import type { Row } from './boot-row.ts';
import { printMs } from './boot-value.ts';
import { BOOT, type Boot, type BootSetting, type Settings } from './boot.ts';
import { leaseNamesOf, otherLeaseNames } from './lease-name.ts';

/** What the machine says beside environment and flags: its name, and something unique to this process. */
export interface BootSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By setting; an absent flag is undefined. */
  readonly flags: Readonly<Partial<Record<BootSetting, string>>>;
  readonly hostname: string;
  readonly unique: string;
}

/** All settings, or one sentence for each that is wrong. A flag wins over the environment, and that over the default. */
export function parseBoot(source: BootSource): Result<Boot, readonly string[]> {
  const problems: string[] = [];
  const settings: Partial<Record<BootSetting, unknown>> = {};
  for (const name of Object.keys(BOOT) as BootSetting[]) {
    const read = parseSetting(name, source);
    if (read.ok) settings[name] = read.value;
    else problems.push(read.error);
  }
  // Safe: every row was read by its own schema, or there is a problem and nobody sees the value.
  const values = settings as Settings;
  if (problems.length === 0) for (const rule of AGREEMENTS) problems.push(...rule(values));
  if (problems.length > 0) return err(problems);
  return ok(
    Object.freeze({
      ...values,
      leaseNames: leaseNamesOf(values.classes, values.leaderBuckets),
      otherLeaseNames: otherLeaseNames(values.classes, values.leaderBuckets),
      identity: `${values.podName ?? source.hostname}_${source.unique}`,
    }),
  );
}

function parseSetting(name: BootSetting, source: BootSource): Result<unknown, string> {
  const row: Row<unknown> = BOOT[name];
  const flag = source.flags[name];
  const variable = row.env === undefined ? undefined : source.env[row.env];
  const text = flag ?? (variable === '' ? undefined : variable) ?? row.default;
  if (text === undefined) return ok(undefined);
  const read = row.schema.safeParse(text);
  if (read.success) return ok(read.data);
  const origin = flag === undefined ? row.env : row.flag;
  return err(`${origin ?? name} ${JSON.stringify(text)}: ${read.error.issues[0]?.message ?? 'is wrong'}`);
}

/** Rules between settings. */
const AGREEMENTS: readonly ((boot: Settings) => readonly string[])[] = [
  (boot) =>
    boot.leaseDuration % 1000 === 0
      ? []
      : [`--lease-duration ${printMs(boot.leaseDuration)}: must be whole seconds, as a Lease stores it`],
  (boot) =>
    boot.renewDeadline < boot.leaseDuration
      ? []
      : [
          `--renew-deadline ${printMs(boot.renewDeadline)}: must be shorter than --lease-duration ${printMs(boot.leaseDuration)}, so that a leader stops writing before another takes over`,
        ],
  (boot) =>
    boot.retryPeriod < boot.renewDeadline
      ? []
      : [
          `--retry-period ${printMs(boot.retryPeriod)}: must be shorter than --renew-deadline ${printMs(boot.renewDeadline)}, so that there is a second try`,
        ],
  (boot) =>
    boot.kubeBurst >= boot.kubeQps
      ? []
      : [`--kube-burst ${boot.kubeBurst}: must not be below --kube-qps ${boot.kubeQps}`],
  ({ kedaScalerTlsCertFile: cert, kedaScalerTlsPrivateKeyFile: key }) =>
    (cert === undefined) === (key === undefined)
      ? []
      : [
          `--keda-scaler-tls-${cert === undefined ? 'cert-file: is missing beside --keda-scaler-tls-private-key-file' : 'private-key-file: is missing beside --keda-scaler-tls-cert-file'}`,
        ],
  ({ kedaScalerClientCaFile: ca, kedaScalerTlsCertFile: cert }) =>
    ca === undefined || cert !== undefined
      ? []
      : [
          '--keda-scaler-client-ca-file: needs --keda-scaler-tls-cert-file, because only TLS has client certificates',
        ],
];
