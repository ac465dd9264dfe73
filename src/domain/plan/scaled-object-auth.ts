import { keyOfSetting } from '../annotation/table.ts';
import { shown } from '../shown.ts';
import type { Mistake } from '../annotation/mistake.ts';
import type { Settings } from '../annotation/settings.ts';
import { part, refused, used } from './scaled-object-part.ts';
import type { Part } from './scaled-object-part.ts';

/** How KEDA identifies itself to Prometheus. */
export interface TriggerAuth {
  readonly modes: string;
  readonly ref: { readonly name: string; readonly kind?: string };
}

const KINDS = ['TriggerAuthentication', 'ClusterTriggerAuthentication'];
const MODES = ['apiKey', 'basic', 'tls', 'bearer', 'custom', 'oauth'];

const NAME = keyOfSetting('triggerPrometheusAuthName');
const KIND = keyOfSetting('triggerPrometheusAuthKind');
const MODE = keyOfSetting('triggerPrometheusAuthModes');

/**
 * The authentication of the default query trigger: a name needs modes, a kind or modes need a name (autoscaler-keda: resources/keda.go).
 * A missing kind is KEDA's to choose; that it was chosen is reported.
 */
export function triggerAuthOf(settings: Settings): Part<TriggerAuth | undefined> {
  const {
    triggerPrometheusAuthName: name,
    triggerPrometheusAuthKind: kind,
    triggerPrometheusAuthModes: modes,
  } = settings;
  if (name === undefined) return part(undefined, nameless(kind, modes));
  const mistakes = [...nameMistakes(name), ...kindMistakes(kind), ...modesMistakes(modes)];
  return part({ modes: modes ?? '', ref: kind === undefined ? { name } : { name, kind } }, mistakes);
}

const nameless = (kind: string | undefined, modes: string | undefined): readonly Mistake[] => [
  ...(kind === undefined ? [] : [refused(KIND, `has no effect without ${NAME}; add it`)]),
  ...(modes === undefined ? [] : [refused(MODE, `has no effect without ${NAME}; add it`)]),
];

const nameMistakes = (name: string): readonly Mistake[] =>
  name === '' ? [refused(NAME, 'is empty; it must name a TriggerAuthentication')] : [];

function kindMistakes(kind: string | undefined): readonly Mistake[] {
  if (kind === undefined)
    return [used(KIND, `is missing, so KEDA takes ${KINDS[0]}; say ${KINDS.join(' or ')}`)];
  return KINDS.includes(kind) ? [] : [refused(KIND, `is ${shown(kind)}; it must be ${KINDS.join(' or ')}`)];
}

function modesMistakes(modes: string | undefined): readonly Mistake[] {
  const expected = `a comma-separated list of ${MODES.join(', ')}`;
  if (modes === undefined) return [refused(MODE, `is missing beside a name; it must be ${expected}`)];
  return modes.split(',').every((mode) => MODES.includes(mode.trim()))
    ? []
    : [refused(MODE, `is ${shown(modes)}; it must be ${expected}`)];
}
