import { afterAll, beforeAll, test } from '@jest/globals';
import { addressesOf } from './bridge.ts';
import { configured } from './cluster-config.ts';
import { figure, namespace } from './lab.ts';
import { served, type Annotations } from './serving.ts';
import { World } from './soak/world.ts';
import { ABSORBS, absorbsBursts, alwaysAbsorbs, neverAbsorbs } from './wake/burst-capacity.ts';
import { wokenByAll, wokenByBurst, wokenOneByOne } from './wake/crowds.ts';
import { wokenByGrpc, wokenByLargeBody, wokenByWebSocket, wokenOverHttp2 } from './wake/protocols.ts';
import { Sleeper } from './wake/sleeper.ts';
import { splitService, wokenByShare } from './wake/split.ts';

const WINDOW = { metric: 'concurrency', window: '6s' };
/** Pods take requests by themselves while there are some. */
const DIRECT = { ...WINDOW, 'target-burst-capacity': '0' };
const H2C = { container: { ports: [{ name: 'h2c', containerPort: 8080 }] } };
/** A machine that has much else to do may take longer than usual for a pod. */
const PATIENT = { timeoutSeconds: 60, responseStartTimeoutSeconds: 60 };
const SERVICES: Readonly<Record<string, readonly [Annotations, object?]>> = {
  http2: [DIRECT, H2C],
  grpc: [DIRECT, H2C],
  websocket: [DIRECT],
  body: [DIRECT],
  burst: [{ ...WINDOW, target: '10', 'max-scale': '3' }],
  single: [{ ...WINDOW, 'max-scale': '2' }, { containerConcurrency: 1 }],
  both: [{ ...WINDOW, 'max-scale': '1' }],
  'absorbs-none': [{ ...WINDOW, ...ABSORBS.none }],
  'absorbs-ten': [{ ...WINDOW, ...ABSORBS.ten }],
  'absorbs-all': [{ ...WINDOW, ...ABSORBS.all }],
};

let space: Awaited<ReturnType<typeof namespace>>;
let world: World;
let activators: readonly string[];
const sleepers = new Map<string, Sleeper>();
const sleeper = (name: string): Sleeper => sleepers.get(name)!;

/** Goes to zero with all others: it takes a while, which they share. */
const asleep = async (name: string, revision: string): Promise<void> => {
  sleepers.set(name, await Sleeper.of(space.name, revision, activators));
};

async function allAsleep(): Promise<void> {
  const services = Object.entries(SERVICES).map(async ([name, [annotations, spec]]) =>
    asleep(name, await served(space.name, name, annotations, { ...PATIENT, ...spec })),
  );
  const split = splitService(space.name, 'split', DIRECT, PATIENT).then(([first, second]) =>
    Promise.all([asleep('split-first', first), asleep('split-second', second)]),
  );
  await Promise.all([...services, split]);
}

beforeAll(async () => {
  space = await namespace('wake');
  world = await World.start();
  activators = [...(await addressesOf('activator'))].sort();
  const began = performance.now();
  await configured('config-autoscaler', { 'scale-to-zero-grace-period': '6s' }, allAsleep);
  const took = Math.round((performance.now() - began) / 1000);
  figure(`wake: ${sleepers.size} revisions made and gone to zero in ${took} s`);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
});

test.concurrent('HTTP/2 with prior knowledge wakes', () => wokenOverHttp2(sleeper('http2')));
test.concurrent('a call of gRPC that streams both ways wakes, and its trailers arrive', () =>
  wokenByGrpc(sleeper('grpc')),
);
test.concurrent('a WebSocket wakes, and stays when its pods are back in the path', () =>
  wokenByWebSocket(sleeper('websocket')),
);
test.concurrent('a POST of 10 MiB wakes, and arrives whole', () => wokenByLargeBody(sleeper('body')));
test.concurrent('a burst of 500 at zero: each is answered once, and the pods follow', () =>
  wokenByBurst(sleeper('burst'), 3),
);
test.concurrent('containerConcurrency 1: the pod never sees two at once', () =>
  wokenOneByOne(sleeper('single')),
);
test.concurrent('two activators that wake one revision at a time: one write, and both answer', () =>
  wokenByAll(sleeper('both'), activators),
);
test.concurrent('of a split 90 to 10 the revision at zero answers, too', () =>
  wokenByShare('split', [sleeper('split-first'), sleeper('split-second')]),
);
test.concurrent('target-burst-capacity 0: only pods are in the path of a revision that serves', () =>
  neverAbsorbs(sleeper('absorbs-none')),
);
test.concurrent('target-burst-capacity 10: activators are in the path while a burst would be too much', () =>
  absorbsBursts(sleeper('absorbs-ten'), activators),
);
test.concurrent('target-burst-capacity -1: activators are in the path all the time', () =>
  alwaysAbsorbs(sleeper('absorbs-all'), activators),
);
