import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 weigh buffers as a part of the heap that they hang on, from now on. Otherwise it marks the whole heap whenever some tens of mebibytes have
 * been read from sockets, however short-lived they were: a process that passes on what it reads would hardly do anything else.
 */
export const weighBuffersWithTheHeap = (): void =>
  setFlagsFromString('--external-memory-accounted-in-global-limit');
