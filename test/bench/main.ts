// `npm run bench -- NAME [options]`: figures of the hot paths, each beside a reference measured in the same run.
import { inLab } from './in-lab.ts';

interface Bench {
  run(args: readonly string[]): Promise<void>;
}

const BENCHES: Readonly<Record<string, () => Bench | Promise<Bench>>> = {
  activator: () => inLab('activator'),
  'cold-start': () => inLab('cold-start'),
  'external-metrics': () => import('./external-metrics.ts'),
  collector: () => import('./collector.ts'),
  hold: () => inLab('hold'),
  plan: () => import('./plan.ts'),
  proxy: () => import('./proxy.ts'),
  'query-load': () => import('./query-load.ts'),
  redirect: () => import('./redirect.ts'),
  reconcile: () => import('./reconcile.ts'),
  tick: () => import('./tick.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [options]`);
  process.exit(2);
}
await (await bench()).run(args);
