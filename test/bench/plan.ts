import { plan } from '../../src/domain/plan/plan.ts';
import type { World } from '../../src/domain/plan/world.ts';
import { asJson, effectOf } from '../builders/effect.ts';
import { deploymentOf, paOf, revisionOf, sksOf, STARTED, worldOf } from '../builders/world.ts';
import { MIX } from './fleet.ts';

const ROUNDS = 20_000;

/** A revision whose objects are all as they should be. */
function converged(annotations: Readonly<Record<string, string>>): World {
  let world = worldOf({
    pa: paOf(annotations, { status: STARTED }),
    revision: revisionOf(annotations),
    kedaServed: true,
    deployment: deploymentOf(1),
    sks: sksOf(),
    readyPods: 1,
  });
  for (let next = plan(world); next.steps.length > 0; next = plan(world)) {
    const before = world;
    world = effectOf(world, next);
    if (world === before) break; // only events are left
  }
  return world;
}

/** Microseconds of CPU for one call, after enough of them to be compiled. */
function perCall(work: (round: number) => unknown): number {
  for (let round = 0; round < ROUNDS / 4; round += 1) work(round);
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) work(round);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}

/** `npm run bench -- plan`: plans of revisions for which nothing is to be done, beside JSON.parse of their objects. */
export function run(): Promise<void> {
  const worlds = MIX.map(converged);
  const texts = worlds.map(({ pa, revision, scaledObject, hpa, sks }) =>
    JSON.stringify([pa, revision, scaledObject, hpa, sks].map((object) => object && asJson(object))),
  );
  const planned = perCall((round) => plan(worlds[round % worlds.length]!));
  const parsed = perCall((round) => JSON.parse(texts[round % texts.length]!) as unknown);
  console.log(
    `plan of a revision that is as it should be   ${planned.toFixed(1)} µs CPU, ${(1e6 / planned).toFixed(0)} a second`,
  );
  console.log(`reference: JSON.parse of its objects         ${parsed.toFixed(1)} µs CPU`);
  console.log(`ratio                                        ${(planned / parsed).toFixed(1)}x`);
  return Promise.resolve();
}
