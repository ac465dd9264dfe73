import { ANNOTATIONS, SETTINGS } from '../../../src/domain/annotation/table.ts';
import { HPA, K, KEDA, one, refused, unread, type Case } from './case.ts';

const WINDOW = 'expected a duration from 6s to 1h in whole seconds, for example 90s.';
const URL =
  'expected an http or https URL with a host and without query, for example http://prometheus.monitoring:9090.';
const ALLOWED =
  'expected the address in config-autoscaler-keda or one of allowed-prometheus-addresses in config-hpa-bridge, which the platform owner can extend.';
const MODES =
  'expected apiKey, basic, tls, bearer, custom or oauth, or several separated by commas, for example bearer.';
const AUTH_NAME = 'expected the name of a TriggerAuthentication, for example prometheus-credentials.';
const EXAMPLES = {
  'extra-prometheus-triggers':
    '[{"type":"prometheus","name":"queue","metadata":{"serverAddress":"http://prometheus.monitoring.svc:9090","query":"sum(queue_depth)","threshold":"10"}}]',
  'scaling-modifiers': '{"formula":"requests + queue","target":"5","metricType":"AverageValue"}',
  'hpa-scale-up-rules': '{"policies":[{"type":"Pods","value":4,"periodSeconds":15}]}',
  'hpa-scale-down-rules': '{"stabilizationWindowSeconds":120}',
  'scaled-object-override':
    '{"spec":{"triggers":[{"type":"prometheus","metadata":{"serverAddress":"http://prometheus.monitoring.svc:9090","query":"sum(queue_depth)","threshold":"10"}}]}}',
} as const;
const OURS = SETTINGS.map((setting) => ANNOTATIONS[setting].key).filter((key) =>
  key.startsWith('hpa-bridge.dev/'),
);
const HAS_NO_EFFECT =
  'has no effect, because the Kubernetes HPA scales this revision: expected no such annotation, or hpa-bridge.dev/backend to be "keda".';

/** The same mistakes in each annotation that holds JSON. */
const json = (key: keyof typeof EXAMPLES): readonly Case[] =>
  (
    [
      ['{"a":', 'line 1 column 6: expected a JSON value, found the end'],
      ['{"a":1,}', 'line 1 column 8: expected a field name in double quotes, found "}"'],
      ["{\n 'a':1}", 'line 2 column 2: expected a field name in double quotes, found "\'"'],
      ['slowly', 'line 1 column 1: expected a JSON value, found "s"'],
    ] as const
  ).map(([text, problem]) =>
    refused(
      `${key} of ${JSON.stringify(text)}`,
      { [key]: text },
      `${key} is not JSON at ${problem}; right is, for example, ${EXAMPLES[key]}.`,
    ),
  );

/** Addresses, authentication, JSON, switches and backends, metadata. */
export const SCALER_CASES: readonly Case[] = [
  // Addresses.
  refused(
    'an address without a scheme',
    { 'prometheus-address': 'prometheus:9090' },
    `prometheus-address is "prometheus:9090": ${URL}`,
  ),
  refused('an empty address', { 'prometheus-address': '' }, `prometheus-address is "": ${URL}`),
  refused(
    'an address with a query',
    { 'prometheus-address': 'http://prometheus:9090?x=y' },
    `prometheus-address is "http://prometheus:9090?…": ${URL}`,
  ),
  refused(
    'an address with a password',
    { 'prometheus-address': 'http://me:secret@prometheus:9090' },
    'prometheus-address contains a user name or password: expected them in an object that autoscaling.knative.dev/trigger-prometheus-auth-name names.',
  ),
  refused(
    'an address that is not allowed',
    { 'prometheus-address': 'http://elsewhere.example:9090' },
    `prometheus-address is "http://elsewhere.example:9090": ${ALLOWED}`,
  ),

  // Authentication.
  {
    is: 'an auth name alone',
    base: KEDA,
    wrong: { 'trigger-prometheus-auth-name': 'credentials' },
    says: [
      [
        'refused',
        `${K}trigger-prometheus-auth-modes is missing beside ${K}trigger-prometheus-auth-name: ${MODES}`,
      ],
      [
        'used',
        `${K}trigger-prometheus-auth-kind is missing beside ${K}trigger-prometheus-auth-name, so KEDA looks for a TriggerAuthentication: expected TriggerAuthentication or ClusterTriggerAuthentication.`,
      ],
    ],
  },
  one(
    'used',
    [
      'an auth name without a kind',
      { 'trigger-prometheus-auth-name': 'credentials', 'trigger-prometheus-auth-modes': 'bearer' },
      `trigger-prometheus-auth-kind is missing beside ${K}trigger-prometheus-auth-name, so KEDA looks for a TriggerAuthentication: expected TriggerAuthentication or ClusterTriggerAuthentication.`,
    ],
    { spec: { triggers: [{ authenticationRef: { name: 'credentials' } }] } },
  ),
  refused(
    'auth modes that KEDA does not know',
    {
      'trigger-prometheus-auth-name': 'credentials',
      'trigger-prometheus-auth-kind': 'TriggerAuthentication',
      'trigger-prometheus-auth-modes': 'bearer,token',
    },
    `trigger-prometheus-auth-modes is "bearer,token": ${MODES}`,
  ),
  refused(
    'an auth kind that there is not',
    {
      'trigger-prometheus-auth-name': 'credentials',
      'trigger-prometheus-auth-kind': 'Secret',
      'trigger-prometheus-auth-modes': 'bearer',
    },
    'trigger-prometheus-auth-kind is "Secret": expected TriggerAuthentication or ClusterTriggerAuthentication.',
  ),
  refused(
    'auth modes and kind without a name',
    { 'trigger-prometheus-auth-kind': 'TriggerAuthentication', 'trigger-prometheus-auth-modes': 'bearer' },
    `trigger-prometheus-auth-name is missing beside ${K}trigger-prometheus-auth-kind and ${K}trigger-prometheus-auth-modes: ${AUTH_NAME}`,
  ),

  // JSON.
  ...(Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[]).flatMap(json),
  refused(
    'triggers that are no list',
    { 'extra-prometheus-triggers': '{"type":"prometheus"}' },
    `extra-prometheus-triggers must be a list, not an object; right is, for example, ${EXAMPLES['extra-prometheus-triggers']}.`,
  ),
  refused(
    'a trigger of a type that is not allowed',
    { 'extra-prometheus-triggers': '[{"type":"cron","metadata":{"timezone":"UTC"}}]' },
    'extra-prometheus-triggers [0] has the type "cron": expected cpu, memory or prometheus (see allowed-trigger-types in config-hpa-bridge).',
  ),
  refused(
    'a trigger that asks an address that is not allowed',
    {
      'extra-prometheus-triggers':
        '[{"type":"prometheus","metadata":{"serverAddress":"http://elsewhere:9090","query":"sum(up)","threshold":"1"}}]',
    },
    `extra-prometheus-triggers [0] is wrong in metadata.serverAddress, which is "http://elsewhere:9090": ${ALLOWED}`,
  ),
  refused(
    'a threshold without quotes',
    { 'extra-prometheus-triggers': '[{"type":"prometheus","metadata":{"threshold":5}}]' },
    'extra-prometheus-triggers at line 1 column 47: [0].metadata.threshold must be a string in double quotes, not a number.',
  ),
  refused(
    'modifiers of triggers that there are not',
    {
      'scaling-modifiers': '{"formula":"requests + queue","target":"5"}',
      'trigger-prometheus-name': 'requests',
    },
    'scaling-modifiers uses "queue" in its formula, which no trigger is named: expected "requests"; autoscaling.knative.dev/trigger-prometheus-name names the trigger of the query, in letters and digits.',
  ),
  refused(
    'rules one level too deep',
    { 'hpa-scale-up-rules': '{"scaleUp":{"selectPolicy":"Max"}}' },
    `hpa-scale-up-rules holds its rules inside scaleUp: expected them at the top; right is, for example, ${EXAMPLES['hpa-scale-up-rules']}.`,
  ),
  refused(
    'a policy that lacks two fields',
    { 'hpa-scale-down-rules': '{"policies":[{"type":"Pods"}]}' },
    'hpa-scale-down-rules at line 1 column 14: policies[0] needs the fields value and periodSeconds.',
  ),
  refused(
    'an override without triggers',
    { 'scaled-object-override': '{}' },
    `scaled-object-override has no triggers: expected at least one in spec.triggers, for example ${EXAMPLES['scaled-object-override']}.`,
  ),
  one(
    'ignored',
    [
      'a rule that there is not',
      { 'hpa-scale-up-rules': '{"stabilisationWindowSeconds":5}' },
      'hpa-scale-up-rules at line 1 column 2: stabilisationWindowSeconds is unknown and has no effect: expected stabilizationWindowSeconds, selectPolicy, policies or tolerance.',
    ],
    { sameAs: { ...KEDA, 'hpa-scale-up-rules': '{}' } },
  ),

  // Switches and backends.
  unread('scaled-object-auto-create', 'maybe', 'expected true or false, for example false.'),
  {
    is: 'an unknown backend',
    base: KEDA,
    wrong: { 'hpa-bridge.dev/backend': 'vpa' },
    says: [
      [
        'ignored',
        'hpa-bridge.dev/backend is "vpa", which has no effect: expected auto, keda or hpa, for example hpa.',
      ],
    ],
  },
  {
    is: 'a key that is nearly one of ours',
    base: KEDA,
    wrong: { 'hpa-bridge.dev/bakend': 'hpa' },
    says: [
      [
        'unknown',
        '"hpa-bridge.dev/bakend" is not an annotation of hpa-bridge; did you mean hpa-bridge.dev/backend?',
      ],
    ],
  },
  {
    is: 'a key with our prefix that is near to nothing',
    base: KEDA,
    wrong: { 'hpa-bridge.dev/zzzzzzzzzzzz': '' },
    says: [
      [
        'unknown',
        `"hpa-bridge.dev/zzzzzzzzzzzz" is not an annotation of hpa-bridge; known are ${OURS.join(', ')}.`,
      ],
    ],
  },
  ...['scaled-object-override', 'extra-prometheus-triggers', 'scaling-modifiers'].map((key) =>
    one(
      'refused',
      [
        `${key} where the HPA scales`,
        { [key]: EXAMPLES[key as keyof typeof EXAMPLES] },
        `${key} needs KEDA, but the Kubernetes HPA scales this revision: expected no such annotation, or hpa-bridge.dev/backend to be "keda".`,
      ],
      { base: HPA },
    ),
  ),
  ...[
    ['trigger-prometheus-name', 'requests'],
    ['trigger-prometheus-auth-name', 'credentials'],
    ['scaled-object-auto-create', 'false'],
  ].map(([key = '', text = '']) =>
    one('ignored', [`${key} where the HPA scales`, { [key]: text }, `${key} ${HAS_NO_EFFECT}`], {
      base: HPA,
    }),
  ),
  one('refused', ['a window that no HPA has, over the HPA', { window: '2h' }, `window is "2h": ${WINDOW}`], {
    base: HPA,
  }),
  one(
    'refused',
    ['a bad address, over the HPA', { 'prometheus-address': 'x' }, `prometheus-address is "x": ${URL}`],
    { base: HPA },
  ),

  // Metadata.
  {
    is: 'annotations that leave no room',
    base: KEDA,
    wrong: { note: 'x'.repeat(261_800) },
    onPodAutoscaler: true,
    says: [
      [
        'refused',
        'metadata.annotations are 262042 bytes in all: expected at most 261888, because they are copied to the objects that are made.',
      ],
    ],
  },
];
