import { ACTIVATOR_BOOT } from './boot-activator.ts';
import { BOOT, type BootSetting } from './boot.ts';

const isActivators = (name: BootSetting): boolean => Object.hasOwn(ACTIVATOR_BOOT, name);
const names = Object.keys(BOOT) as BootSetting[];

/** The processes that run in a cluster, by the command that begins them. */
export const PROCESSES = ['controller', 'activator'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** The settings of each process. */
export const SETTINGS_OF: Readonly<Record<ProcessName, readonly BootSetting[]>> = {
  controller: names.filter((name) => !isActivators(name)),
  activator: [
    ...(['kubeconfig', 'systemNamespace', 'classes', 'bindAddress', 'httpPort'] as const),
    ...(['logLevel', 'logFormat', 'kubeQps', 'kubeBurst', 'podName'] as const),
    ...names.filter(isActivators),
  ],
};
