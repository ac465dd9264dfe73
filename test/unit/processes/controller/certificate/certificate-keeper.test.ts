import { expect, test } from '@jest/globals';
import { certificates } from '../../../../../src/adapters/tls/certificates.ts';
import type { BridgeEvent } from '../../../../../src/domain/event.ts';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { keyOf } from '../../../../../src/domain/key.ts';
import { secretView, type Secret } from '../../../../../src/domain/k8s/read/secret.ts';
import { RESOURCES } from '../../../../../src/domain/k8s/resources.ts';
import { minutes, plus, seconds } from '../../../../../src/domain/time.ts';
import { CertificateKeeper } from '../../../../../src/processes/controller/certificate/certificate-keeper.ts';
import { ManualClock } from '../../../../doubles/manual-clock.ts';
import { MemoryWriter } from '../../../../doubles/memory-writer.ts';
import { SilentLog } from '../../../../doubles/silent-log.ts';
import { TallyingTelemetry } from '../../../../doubles/tallying-telemetry.ts';

const DAY = seconds(86_400);
const NAME = 'bridge.knative-serving.svc';
const ID = `Secret ${keyOf('knative-serving', 'certificate')}`;

/** A keeper on a Secret in memory, which turns stringData into data as an API server does. */
class Bench {
  readonly clock = new ManualClock();
  readonly writer = new MemoryWriter();
  readonly events: BridgeEvent[] = [];
  readonly log = new SilentLog();
  known = true;
  readonly keeper = new CertificateKeeper({
    secret: { known: () => this.known, current: () => this.secret },
    secretName: 'knative-serving/certificate',
    purpose: 'external metrics',
    own: { namespace: 'knative-serving', name: 'bridge' },
    certificates,
    writer: this.writer,
    recorder: { publish: (event) => void this.events.push(event) },
    clock: this.clock,
    telemetry: new TallyingTelemetry(),
    log: this.log,
  });

  get secret(): Secret | undefined {
    const stored = this.writer.objects.get(ID);
    if (stored === undefined) return undefined;
    const texts = (stored['stringData'] ?? {}) as Readonly<Record<string, string>>;
    const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, btoa(text)]));
    return secretView.parse({ ...stored, data });
  }

  async fill(stringData: JsonObject = {}): Promise<void> {
    const metadata = { namespace: 'knative-serving', name: 'certificate' };
    await this.writer.apply(RESOURCES.Secret, { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  }

  get cert(): string | undefined {
    return this.keeper.usable()?.material.cert;
  }
}

test('an empty Secret is filled, for the name that the API server asks for', async () => {
  const bench = new Bench();
  await bench.fill();
  await bench.keeper.keep();
  expect(bench.keeper.usable()?.facts).toEqual({
    notBefore: plus(bench.clock.now(), seconds(-3600)),
    notAfter: plus(bench.clock.now(), seconds(90 * 86_400)),
  });
  const first = bench.cert;
  await bench.keeper.keep();
  expect(bench.cert).toBe(first);
});

test('one that we made is renewed thirty days before its end', async () => {
  const bench = new Bench();
  await bench.fill();
  await bench.keeper.keep();
  const first = bench.cert;
  await bench.clock.pass(60 * DAY);
  await bench.keeper.keep();
  expect(bench.cert).toBe(first);
  await bench.clock.pass(minutes(1));
  await bench.keeper.keep();
  expect(bench.cert).not.toBe(first);
  expect(bench.keeper.usable()?.facts.notAfter).toBe(plus(bench.clock.now(), seconds(90 * 86_400)));
});

test('one that we made and somebody broke is made anew', async () => {
  const bench = new Bench();
  await bench.fill();
  await bench.keeper.keep();
  await bench.writer.merge(RESOURCES.Secret, keyOf('knative-serving', 'certificate'), {
    stringData: { 'tls.key': 'x' },
  });
  expect(bench.cert).toBeUndefined();
  await bench.keeper.keep();
  expect(bench.cert).toBeDefined();
});

test('one that somebody put in the place of ours is theirs: it is never renewed', async () => {
  const bench = new Bench();
  await bench.fill();
  await bench.keeper.keep();
  const until = plus(bench.clock.now(), DAY);
  const theirs = await certificates.make([NAME], { from: bench.clock.now(), until });
  await bench.writer.merge(RESOURCES.Secret, keyOf('knative-serving', 'certificate'), {
    stringData: { 'tls.crt': theirs.cert, 'tls.key': theirs.key, 'ca.crt': theirs.ca },
  });
  await bench.clock.pass(2 * DAY);
  await bench.keeper.keep();
  expect(bench.cert).toBe(theirs.cert);
});

test('the Secret that changed before the watch told is not overwritten', async () => {
  const bench = new Bench();
  await bench.fill();
  const stale = bench.secret;
  Object.defineProperty(bench, 'secret', { get: () => stale });
  await bench.fill({ 'tls.crt': 'theirs', 'tls.key': 'theirs' });
  await expect(bench.keeper.keep()).rejects.toMatchObject({ fault: { code: 'conflict' } });
  expect(bench.writer.objects.get(ID)?.['stringData']).toEqual({ 'tls.crt': 'theirs', 'tls.key': 'theirs' });
});

test('what is wrong is said once, and again when it is something else', async () => {
  const bench = new Bench();
  await bench.keeper.keep();
  await bench.keeper.keep();
  await bench.fill({ 'tls.crt': 'x', 'tls.key': 'y' });
  await bench.keeper.keep();
  await bench.keeper.keep();
  expect(bench.log.lines.map(({ fields }) => fields.detail)).toEqual([
    'The Secret knative-serving/certificate does not exist: expected the empty one of the installation, or one with a certificate.',
    'tls.crt holds no certificate: expected one in PEM.',
  ]);
  expect(bench.events).toMatchObject([{ reason: 'InvalidCertificate', about: { kind: 'Secret' } }]);
});

test('before the Secret is known nothing is made and nothing is said', async () => {
  const bench = Object.assign(new Bench(), { known: false });
  await bench.fill();
  await bench.keeper.keep();
  expect([bench.cert, bench.log.lines]).toEqual([undefined, []]);
});
