// `npm run bench -- NAME [options]`: figures of the hot paths, each beside a reference measured in the same run.
const BENCHES: Readonly<Record<string, () => Promise<{ run(args: readonly string[]): Promise<void> }>>> = {
  activator: () => import('./activator.ts'),
  'external-metrics': () => import('./external-metrics.ts'),
  collector: () => import('./collector.ts'),
  plan: () => import('./plan.ts'),
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
