import { nearest } from '../nearest.ts';
import { shown } from '../shown.ts';

/** Where a shipped ConfigMap shows the defaults. It configures nothing. */
export const EXAMPLE_KEY = '_example';

type Data = Readonly<Record<string, string>>;

const others = (data: Data, known: readonly string[]): readonly string[] =>
  Object.keys(data).filter((key) => key !== EXAMPLE_KEY && !known.includes(key));

/** One sentence for each key that a ConfigMap of ours does not know. */
export const unknownKeys = (data: Data, known: readonly string[], configMap: string): readonly string[] =>
  others(data, known).map((key) => {
    const near = nearest(key, known);
    const hint = near === undefined ? `known are ${known.join(', ')}.` : `did you mean ${near}?`;
    return `${shown(key)} is not a key of ${configMap}; ${hint}`;
  });

/** So few letters differ in a slip of the pen. */
const SLIP = 2;

/** One sentence for each key that is nearly one that we read. In a ConfigMap of somebody else all other keys are somebody else's. */
export const misspeltKeys = (data: Data, known: readonly string[], configMap: string): readonly string[] =>
  others(data, known).flatMap((key) => {
    const near = nearest(key, known, SLIP);
    return near === undefined
      ? []
      : [`${shown(key)} is not a key of ${configMap} that hpa-bridge reads; did you mean ${near}?`];
  });
