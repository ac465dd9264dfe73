import { beforeAll, expect, test } from '@jest/globals';
import { certificates } from '../../../../../src/adapters/tls/certificates.ts';
import { minutes, plus, seconds } from '../../../../../src/domain/time.ts';
import type { MadeCertificate } from '../../../../../src/ports/certificates.ts';
import { CertificateShower } from '../../../../../src/processes/controller/certificate/certificate-shower.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';

const OWN = { namespace: 'knative-serving', name: 'bridge' };
const START = new ManualClock().now();
const HOUR = minutes(60);

let first: MadeCertificate;
let second: MadeCertificate;
beforeAll(async () => {
  const validity = { from: START, until: plus(START, HOUR) };
  first = await certificates.make(['bridge.knative-serving.svc'], validity);
  second = await certificates.make(['bridge.knative-serving.svc'], validity);
});

/** A shower; what the Secret holds and what the API server trusts is for the test to say. */
class Bench {
  readonly clock = new ManualClock();
  readonly ends: number[] = [];
  readonly shown: string[] = [];
  secret: MadeCertificate | undefined;
  trusted: string | undefined;
  /** By what it trusts the same Service where another object leads it there. */
  trustedToo: string | undefined;
  readonly shower = new CertificateShower({
    server: { show: ({ cert }) => void this.shown.push(cert) },
    usable: () =>
      this.secret === undefined
        ? undefined
        : { material: this.secret, facts: { notBefore: START, notAfter: plus(START, HOUR) } },
    trustedBy: () => [this.trusted, this.trustedToo].filter((bundle) => bundle !== undefined),
    own: OWN,
    purpose: 'external metrics',
    onShown: ({ notAfter }) => void this.ends.push(notAfter),
    certificates,
    clock: this.clock,
    log: new SilentLog(),
  });
}

test('the first is shown at once, whatever is trusted', async () => {
  const bench = new Bench();
  expect(bench.shower.bundle()).toBeUndefined();
  await bench.shower.keep();
  expect(bench.shown).toEqual([]);
  bench.secret = first;
  bench.trusted = second.ca;
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert]);
  expect(bench.shower.bundle()).toBe(first.ca);
  expect(bench.ends).toEqual([plus(START, HOUR)]);
});

/** The first is shown and trusted, and the second has just come. */
async function between(): Promise<Bench> {
  const bench = new Bench();
  bench.secret = first;
  bench.trusted = first.ca;
  await bench.shower.keep();
  bench.secret = second;
  return bench;
}

test('a new one waits until it is trusted wherever the API server is led to us', async () => {
  const bench = await between();
  bench.trusted = bench.shower.bundle();
  bench.trustedToo = first.ca;
  await bench.shower.keep();
  await bench.clock.pass(minutes(5));
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert]);
  bench.trustedToo = bench.trusted;
  await bench.shower.keep();
  await bench.clock.pass(seconds(5));
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert, second.cert]);
});

test('a new one waits until it is trusted, and a little longer for the last API server to hear of it', async () => {
  const bench = await between();
  await bench.shower.keep();
  await bench.clock.pass(minutes(5));
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert]);
  bench.trusted = bench.shower.bundle();
  expect(await bench.shower.keep()).toBe(seconds(5));
  await bench.clock.pass(seconds(4));
  expect(await bench.shower.keep()).toBe(seconds(1));
  await bench.clock.pass(seconds(1));
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert, second.cert]);
});

test('both are to be trusted from the moment that the new one is there until all have changed over', async () => {
  const bench = await between();
  const both = [first.ca, second.ca].sort();
  const trusted = (): string[] => (bench.shower.bundle() ?? '').split(/(?<=END CERTIFICATE-----\n)/).sort();
  expect(trusted()).toEqual(both);
  bench.trusted = bench.shower.bundle();
  await bench.shower.keep();
  await bench.clock.pass(seconds(5));
  await bench.shower.keep();
  await bench.clock.pass(minutes(9));
  expect(trusted()).toEqual(both);
  await bench.clock.pass(minutes(1));
  expect(trusted()).toEqual([second.ca]);
});

test('trust that is withdrawn before its time has come starts the wait anew', async () => {
  const bench = await between();
  bench.trusted = bench.shower.bundle();
  await bench.shower.keep();
  await bench.clock.pass(seconds(4));
  bench.trusted = first.ca;
  await bench.shower.keep();
  bench.trusted = bench.shower.bundle();
  await bench.clock.pass(seconds(1));
  expect(await bench.shower.keep()).toBe(seconds(5));
  expect(bench.shown).toEqual([first.cert]);
});

test.each<[string, (bench: Bench) => Promise<void> | void]>([
  ['the API server does not ask us', (bench) => void (bench.trusted = undefined)],
  ['the one that is shown has ended', (bench) => bench.clock.pass(HOUR)],
])('nothing is waited for when %s', async (_, happens) => {
  const bench = await between();
  await happens(bench);
  await bench.shower.keep();
  expect(bench.shown).toEqual([first.cert, second.cert]);
});

test('what the Secret loses is shown on', async () => {
  const bench = await between();
  bench.secret = undefined;
  await bench.shower.keep();
  expect([bench.shown, bench.shower.bundle()]).toEqual([[first.cert], first.ca]);
});
