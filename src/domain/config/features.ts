import { ok, type Result } from '../result.ts';

/** The part of `config-features` that says what the template of a Service may have. */
export interface FeaturesConfig {
  readonly initContainers: boolean;
  readonly emptyDirs: boolean;
}

/** Knative's defaults (serving: pkg/apis/config/features.go). */
export const FEATURES_DEFAULTS: FeaturesConfig = { initContainers: false, emptyDirs: true };

/** The keys of config-features that we read, for documentation. */
export const FEATURES_KEYS = {
  initContainers: {
    key: 'kubernetes.podspec-init-containers',
    fallback: 'disabled',
    doc: 'Has to be enabled for init containers that download models.',
  },
  emptyDirs: {
    key: 'kubernetes.podspec-volumes-emptydir',
    fallback: 'enabled',
    doc: 'Has to be enabled for the volume that they are downloaded into.',
  },
} as const;

const FLAGS = ['enabled', 'allowed', 'disabled'];

/** Reads the data of config-features. In any case of letters, and what is no flag says nothing, as Knative has it. */
export function parseFeaturesConfig(data: Readonly<Record<string, string>>): Result<FeaturesConfig, never> {
  const isEnabled = ({ key, fallback }: { readonly key: string; readonly fallback: string }): boolean => {
    const text = (Object.hasOwn(data, key) ? data[key] : undefined)?.toLowerCase() ?? fallback;
    return (FLAGS.includes(text) ? text : fallback) === 'enabled';
  };
  const { initContainers, emptyDirs } = FEATURES_KEYS;
  return ok({ initContainers: isEnabled(initContainers), emptyDirs: isEnabled(emptyDirs) });
}
