import { ANNOTATIONS, keyOfSetting } from '../annotation/table.ts';
import { both, either } from '../either.ts';
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

const NAME_EXPECTED = `the name of a ${KINDS[0]}, for example ${ANNOTATIONS.triggerPrometheusAuthName.example}`;
const KIND_EXPECTED = either(KINDS);
const MODES_EXPECTED = `${either(MODES)}, or several separated by commas, for example ${ANNOTATIONS.triggerPrometheusAuthModes.example}`;

/** One mistake, whichever of the two stand there alone. */
function nameless(kind: string | undefined, modes: string | undefined): readonly Mistake[] {
  const alone = [...(kind === undefined ? [] : [KIND]), ...(modes === undefined ? [] : [MODE])];
  return alone.length === 0
    ? []
    : [refused(NAME, `is missing beside ${both(alone)}: expected ${NAME_EXPECTED}`)];
}

const nameMistakes = (name: string): readonly Mistake[] =>
  name === '' ? [refused(NAME, `is empty: expected ${NAME_EXPECTED}`)] : [];

function kindMistakes(kind: string | undefined): readonly Mistake[] {
  if (kind === undefined)
    return [
      used(KIND, `is missing beside ${NAME}, so KEDA looks for a ${KINDS[0]}: expected ${KIND_EXPECTED}`),
    ];
  return KINDS.includes(kind) ? [] : [refused(KIND, `is ${shown(kind)}: expected ${KIND_EXPECTED}`)];
}

function modesMistakes(modes: string | undefined): readonly Mistake[] {
  if (modes === undefined) return [refused(MODE, `is missing beside ${NAME}: expected ${MODES_EXPECTED}`)];
  return modes.split(',').every((mode) => MODES.includes(mode.trim()))
    ? []
    : [refused(MODE, `is ${shown(modes)}: expected ${MODES_EXPECTED}`)];
}
