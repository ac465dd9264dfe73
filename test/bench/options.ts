import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- reconcile [--real | --kubeconfig PATH] [--count N] [--steady SECONDS] [--profile FOLDER]
  without options: 10000 revisions on the API server in memory, then 2000 on a real kube-apiserver if its binaries are there
  --real           only the real kube-apiserver
  --kubeconfig     a cluster that exists; its objects stay
  --count          revisions, 10000 in memory and 2000 elsewhere by default
  --steady         seconds of watching the controller idle, 60 by default
  --profile        where to leave the CPU profiles of the controller`;

export interface Options {
  /** How many revisions; absent: what is usual for the server. */
  readonly count: number | undefined;
  readonly steadySeconds: number;
  readonly real: boolean;
  /** An existing cluster. */
  readonly kubeconfig: string | undefined;
  readonly profile: string | undefined;
  readonly help: boolean;
}

/** The options of the command line, or a sentence about what is wrong with them. */
export function readOptions(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        count: { type: 'string' },
        steady: { type: 'string', default: '60' },
        real: { type: 'boolean', default: false },
        kubeconfig: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { count, steady, real, kubeconfig, profile, help } = values;
    for (const [name, text] of Object.entries({ count, steady }))
      if (text !== undefined && !/^[1-9]\d*$/.test(text))
        return `--${name} is ${text}: expected a whole number above 0, for example 2000`;
    return {
      count: count === undefined ? undefined : Number(count),
      steadySeconds: Number(steady),
      ...{ real, kubeconfig, profile, help },
    };
  } catch (thrown) {
    return `${(thrown as Error).message}\n${USAGE}`;
  }
}
