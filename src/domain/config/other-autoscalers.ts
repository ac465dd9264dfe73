/** Deployments of other programs that serve the same class: autoscaler-hpa under the same lease, autoscaler-keda under one of its own. */
export const OTHER_AUTOSCALERS = ['autoscaler-hpa', 'autoscaler-keda'] as const;

/** The one of them that a holder of a lease, `<pod>_<unique>`, belongs to. */
export const otherAutoscalerOf = (holder: string): (typeof OTHER_AUTOSCALERS)[number] | undefined =>
  OTHER_AUTOSCALERS.find((name) => holder.startsWith(`${name}-`));
