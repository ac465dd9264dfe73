import { z } from 'zod';
import { isAboveZero } from '../k8s/quantity.ts';
import { bridge, flag, type Column, type Row } from './columns.ts';

/** Texts that become arguments of a program and variables of a container, where `$(...)` would be replaced and `-` begins an option. */
const ARGUMENT = '(?!-)[^\\s$"\'\\\\\\u0000-\\u001f\\u007f]';
const matching = (pattern: string, expects: string): Column<string> => ({
  schema: z.string().regex(new RegExp(`^${pattern}$`)),
  expects,
});

const bucket = matching(
  `${ARGUMENT}{1,255}`,
  'the name of a bucket, or its URL, without spaces and dollar signs',
);
/** No step upwards: what is downloaded stays below what was named. */
const path = matching(
  `(?!(.*/)?\\.\\.(/|$))${ARGUMENT}{1,1024}`,
  'a path without spaces, dollar signs and `..`',
);
const image = matching('[a-zA-Z0-9][-\\w./:@]{0,511}', 'an image');
/** Those that Knative keeps for itself are refused (serving: pkg/apis/serving/k8s_validation.go). */
const mountPath = matching(
  '(?!/dev(/log)?$)(/(?!\\.{1,2}(/|$))[-\\w.]{1,255}){1,32}',
  'an absolute path, but not /dev',
);
const secretName = matching('[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?', 'the name of a Secret');

const size: Column<string> = {
  schema: z.string().refine(isAboveZero),
  expects: 'a quantity of bytes above 0',
};

/** A row of ours that people also know by a name without a prefix. */
const alsoCalled = <T>(alias: string, row: Row<T>): Row<T> => ({ ...row, aliases: [alias] });

/** The model that an init container downloads (docs/models.md). Read when a Service is applied. */
export const MODEL_ANNOTATIONS = {
  injectModel: alsoCalled(
    'injectModelInitContainer',
    bridge(['inject-model-init-container'], flag, {
      fallback: '`false`',
      example: 'true',
      doc: 'Whether an init container is put into the pods that downloads a model. The namespace has to be labelled for it; see docs/models.md.',
      readBy: ['models'],
    }),
  ),
  modelBucket: alsoCalled(
    'modelBucket',
    bridge(['model-bucket'], bucket, {
      fallback: 'none; required to download a model',
      example: 's3://models',
      doc: 'The bucket of the model: first argument of the init container, and its variable `MODEL_BUCKET`.',
      readBy: ['models'],
    }),
  ),
  modelPath: alsoCalled(
    'modelPath',
    bridge(['model-path'], path, {
      fallback: 'none; required to download a model',
      example: 'sentiment/2024-05-01',
      doc: 'The path of the model in its bucket: second argument, and `MODEL_PATH`.',
      readBy: ['models'],
    }),
  ),
  modelImage: alsoCalled(
    'initContainerImage',
    bridge(['init-container-image'], image, {
      fallback: 'the first of `allowed-model-images` of config-hpa-bridge',
      example: 'registry.example.com/model-loader:1.4',
      doc: 'The image of the init container. The platform owner must have allowed it.',
      readBy: ['models'],
    }),
  ),
  modelMountPath: bridge(['model-mount-path'], mountPath, {
    fallback: '`/mnt/models`',
    example: '/mnt/models',
    doc: 'Where the model is found: third argument of the init container, and `MODEL_DIR`. Its containers read it there, and only the init container writes.',
    readBy: ['models'],
  }),
  modelSizeLimit: bridge(['model-size-limit'], size, {
    fallback: '`model-size-limit` of config-hpa-bridge, which is also the most',
    example: '20Gi',
    doc: 'How large the volume with the model may become.',
    readBy: ['models'],
  }),
  modelSecret: bridge(['model-secret'], secretName, {
    fallback: '`model-secret` of config-hpa-bridge',
    example: 'model-store',
    doc: 'A Secret in the namespace of the Service, whose keys become variables of the init container.',
    readBy: ['models'],
  }),
} as const;
