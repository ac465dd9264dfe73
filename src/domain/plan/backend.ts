import type { Mistake } from '../annotation/mistake.ts';
import type { Settings } from '../annotation/settings.ts';
import { keyOfSetting, type Setting } from '../annotation/table.ts';
import { both } from '../either.ts';
import { err, ok, type Result } from '../result.ts';
import type { World } from './world.ts';

/** Who is to scale, before the signal is looked at. `own`: the user brings the scaler, we make none. */
export type Scaler = 'keda' | 'hpa' | 'own';

export interface ChosenScaler {
  readonly scaler: Scaler;
  readonly mistakes: readonly Mistake[];
}

/** What only KEDA understands: without KEDA nothing can be built from it. */
const KEDA_ONLY = [
  'scaledObjectOverride',
  'extraPrometheusTriggers',
  'scalingModifiers',
] as const satisfies readonly Setting[];

/** What only concerns the ScaledObject and the way KEDA comes by its values. */
const KEDA_DETAILS = [
  'kedaTrigger',
  'triggerPrometheusName',
  'triggerPrometheusAuthName',
  'triggerPrometheusAuthKind',
  'triggerPrometheusAuthModes',
  'scaledObjectAutoCreate',
] as const satisfies readonly Setting[];

/** Annotation before ConfigMap; `auto` is KEDA where it is installed. The error says why nothing can be built. */
export function scalerOf(
  { config, kedaServed }: Pick<World, 'config' | 'kedaServed'>,
  settings: Settings,
): Result<ChosenScaler, readonly Mistake[]> {
  const asked = settings.backend ?? config.bridge.backend;
  if (asked === 'hpa' || (asked === 'auto' && !kedaServed))
    return overHpa(settings, wayToKeda(asked, kedaServed));
  if (!kedaServed) return err([kedaMissing(settings.backend === undefined)]);
  const creates = settings.scaledObjectAutoCreate ?? config.keda.scaledObjectAutocreate;
  return ok({ scaler: creates ? 'keda' : 'own', mistakes: [] });
}

function kedaMissing(byConfig: boolean): Mistake {
  const key = byConfig ? 'backend' : keyOfSetting('backend');
  const where = byConfig ? 'backend in config-hpa-bridge' : key;
  return {
    effect: 'refused',
    key,
    message: `${where} is "keda", but this cluster does not serve ScaledObjects (keda.sh/v1alpha1): expected "hpa" or "auto", or KEDA to be installed.`,
  };
}

/** What would let KEDA scale, to complete "expected ...". */
function wayToKeda(asked: 'auto' | 'hpa', kedaServed: boolean): string {
  const installed = kedaServed ? [] : ['KEDA to be installed'];
  return both(asked === 'auto' ? installed : [`${keyOfSetting('backend')} to be "keda"`, ...installed]);
}

function overHpa(settings: Settings, way: string): Result<ChosenScaler, readonly Mistake[]> {
  const impossible = KEDA_ONLY.filter((setting) => settings[setting] !== undefined).map(keyOfSetting);
  if (impossible.length > 0)
    return err(
      impossible.map((key) => ({
        effect: 'refused',
        key,
        message: `${key} needs KEDA, but the Kubernetes HPA scales this revision: expected no such annotation, or ${way}.`,
      })),
    );
  const idle = KEDA_DETAILS.filter((setting) => hasMeaning(settings[setting])).map(keyOfSetting);
  return ok({
    scaler: 'hpa',
    mistakes: idle.map((key) => ({
      effect: 'ignored',
      key,
      message: `${key} has no effect, because the Kubernetes HPA scales this revision: expected no such annotation, or ${way}.`,
    })),
  });
}

/** That a ScaledObject may be made means nothing where none is made; that it must not be means something. */
const hasMeaning = (value: string | number | boolean | undefined): boolean =>
  value !== undefined && value !== true;
