import sequencer from '@jest/test-sequencer';

/** Jest's own order, with one exception: what is judged of all cases together comes after them. */
export default class RightsLast extends sequencer.default {
  sort(tests) {
    const isLast = ({ path }) => path.endsWith('/test/cluster/rights.test.ts');
    const sorted = super.sort(tests);
    return [...sorted.filter((test) => !isLast(test)), ...sorted.filter(isLast)];
  }
}
