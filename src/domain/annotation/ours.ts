import type { PodAutoscaler } from '../k8s/read/pod-autoscaler.ts';
import { keyOfSetting } from './table.ts';

const CLASS = keyOfSetting('class');

/** A PA is ours when it names one of our classes; an absent class means the KPA's. */
export const isOurs = (
  { metadata }: Pick<PodAutoscaler, 'metadata'>,
  classes: ReadonlySet<string>,
): boolean => {
  const named = metadata.annotations[CLASS];
  return named !== undefined && classes.has(named);
};
