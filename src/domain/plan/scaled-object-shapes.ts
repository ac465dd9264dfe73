import type { ObjectShape, Shape } from '../annotation/json-shape.ts';

const LARGEST_INT32 = 2_147_483_647;

const text: Shape = { is: 'text' };
const boolean: Shape = { is: 'boolean' };
const count: Shape = { is: 'integer', from: 0, to: LARGEST_INT32 };

/** Triggers, `spec.triggers[]` (KEDA: apis/keda/v1alpha1/scaletriggers_types.go). */
export const triggerShape = (unknown: ObjectShape['unknown']): ObjectShape => ({
  is: 'object',
  unknown,
  needs: ['type', 'metadata'],
  fields: {
    type: text,
    name: text,
    metadata: { is: 'texts' },
    useCachedMetrics: boolean,
    authenticationRef: {
      is: 'object',
      unknown,
      needs: ['name'],
      fields: {
        name: text,
        kind: { is: 'text', oneOf: ['TriggerAuthentication', 'ClusterTriggerAuthentication'] },
      },
    },
    metricType: { is: 'text', oneOf: ['AverageValue', 'Value', 'Utilization'] },
  },
});

/** One direction of an HPA's behavior with the limits of the API server (kubernetes: pkg/apis/autoscaling/validation). */
export const rulesShape = (unknown: ObjectShape['unknown']): ObjectShape => ({
  is: 'object',
  unknown,
  fields: {
    stabilizationWindowSeconds: { is: 'integer', from: 0, to: 3600 },
    selectPolicy: { is: 'text', oneOf: ['Max', 'Min', 'Disabled'] },
    policies: {
      is: 'list',
      of: {
        is: 'object',
        unknown,
        needs: ['type', 'value', 'periodSeconds'],
        fields: {
          type: { is: 'text', oneOf: ['Pods', 'Percent'] },
          value: { is: 'integer', from: 1, to: LARGEST_INT32 },
          periodSeconds: { is: 'integer', from: 1, to: 1800 },
        },
      },
    },
    tolerance: { is: 'quantity' },
  },
});

/** `spec.advanced.scalingModifiers`; which of them are needed depends on whether any is given. */
export const modifiersShape = (unknown: ObjectShape['unknown']): ObjectShape => ({
  is: 'object',
  unknown,
  fields: {
    formula: text,
    target: text,
    activationTarget: text,
    metricType: { is: 'text', oneOf: ['AverageValue', 'Value'] },
  },
});

/** A whole ScaledObject as `scaled-object-override` holds it: known fields are checked, unknown ones survive. */
export const overrideShape: ObjectShape = {
  is: 'object',
  unknown: 'drop',
  fields: {
    apiVersion: { is: 'text', oneOf: ['keda.sh/v1alpha1'] },
    kind: { is: 'text', oneOf: ['ScaledObject'] },
    metadata: { is: 'object', unknown: 'keep', fields: {} },
    status: { is: 'anything' },
    spec: {
      is: 'object',
      unknown: 'keep',
      fields: {
        scaleTargetRef: {
          is: 'object',
          unknown: 'keep',
          fields: { apiVersion: text, kind: text, name: text, envSourceContainerName: text },
        },
        pollingInterval: { is: 'integer', from: 1, to: LARGEST_INT32 },
        cooldownPeriod: count,
        initialCooldownPeriod: count,
        idleReplicaCount: count,
        minReplicaCount: count,
        maxReplicaCount: count,
        fallback: {
          is: 'object',
          unknown: 'keep',
          needs: ['failureThreshold', 'replicas'],
          fields: { failureThreshold: count, replicas: count, behavior: text },
        },
        advanced: {
          is: 'object',
          unknown: 'keep',
          fields: {
            restoreToOriginalReplicaCount: boolean,
            horizontalPodAutoscalerConfig: {
              is: 'object',
              unknown: 'keep',
              fields: {
                name: text,
                behavior: {
                  is: 'object',
                  unknown: 'keep',
                  fields: { scaleUp: rulesShape('keep'), scaleDown: rulesShape('keep') },
                },
              },
            },
            scalingModifiers: modifiersShape('keep'),
          },
        },
        triggers: { is: 'list', of: triggerShape('keep') },
      },
    },
  },
};
