import { afterEach, describe, expect, test } from '@jest/globals';
import { PrometheusSource } from '../../../../src/adapters/prometheus/metric-source.ts';
import { readingOfNetwork } from '../../../../src/adapters/prometheus/network-readings.ts';
import { unreadable, type ReadText } from '../../../../src/adapters/prometheus/texts.ts';
import {
  NO_TLS,
  plainServer,
  type PrometheusServer,
  type TextSource,
} from '../../../../src/domain/config/prometheus-servers.ts';
import type { Answer } from '../../../../src/domain/prometheus/answer.ts';
import { seconds } from '../../../../src/domain/time.ts';
import { selfSigned } from '../../../doubles/certificate.ts';
import { ManualClock, settled } from '../../../doubles/manual-clock.ts';
import {
  answer,
  reset,
  ScriptedApi,
  silence,
  stream,
  type Answer as Script,
} from '../../../doubles/scripted-api.ts';
import { TallyingTelemetry } from '../../../doubles/tallying-telemetry.ts';

const NUMBER = JSON.stringify({
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: {}, value: [1_767_225_600, '5'] }] },
});
const never = new AbortController().signal;
const inline = (text: string): TextSource => ({ from: 'inline', text });
const SECRET = {
  token: 'token-0123456789',
  password: 'pass"word\\9876',
  tenant: 'tenant-key-4711',
};

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function scripted(...scripts: readonly Script[]): Promise<ScriptedApi> {
  const api = await ScriptedApi.start();
  open.push(api);
  return api.on('/api/v1/query', ...scripts);
}

interface Made {
  readonly source: PrometheusSource;
  readonly clock: ManualClock;
  readonly telemetry: TallyingTelemetry;
}

function made(url: string, changed: Partial<PrometheusServer> = {}, read?: ReadText): Made {
  const clock = new ManualClock();
  const telemetry = new TallyingTelemetry();
  const source = new PrometheusSource({
    server: { ...plainServer('main', url), ...changed },
    read: read ?? ((from) => Promise.resolve(from.from === 'inline' ? from.text : '')),
    clock,
    telemetry,
    version: '1.2.3',
  });
  open.push(source);
  return { source, clock, telemetry };
}

const ask = (url: string, changed: Partial<PrometheusServer> = {}): Promise<Answer> =>
  made(url, changed).source.ask({ query: 'up' }, never);

describe('a question', () => {
  test('is a POST with query and patience, without our clock', async () => {
    const api = await scripted(answer(200, NUMBER));
    const headers = { 'X-Scope-OrgID': 'team' };
    const found = await ask(api.url, { headers, parameters: { dedup: 'true', 'a[]': 'b c' } });
    expect(found).toMatchObject({ reading: { is: 'vector', number: 5 }, server: 'main', raw: NUMBER });
    const [seen] = api.requests;
    expect(seen).toMatchObject({ method: 'POST', path: '/api/v1/query' });
    expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({ query: 'up', timeout: '9000ms' });
    expect(Object.fromEntries(seen?.query ?? [])).toEqual({ dedup: 'true', 'a[]': 'b c' });
    expect(seen?.headers).toMatchObject({
      'content-type': expect.stringContaining('application/x-www-form-urlencoded'),
      'user-agent': 'hpa-bridge/1.2.3',
      'x-scope-orgid': 'team',
    });
    expect(seen?.headers.authorization).toBeUndefined();
  });

  test('goes below the path prefix', async () => {
    const api = await ScriptedApi.start();
    open.push(api);
    api.on('/mimir/prometheus/api/v1/query', answer(200, NUMBER));
    expect(await ask(`${api.url}/mimir/prometheus`)).toMatchObject({ reading: { number: 5 } });
  });

  test('travels on at most 16 connections, which are kept', async () => {
    const api = await scripted(answer(200, NUMBER));
    const { source } = made(api.url);
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 40 }, () => source.ask({ query: 'up' }, never)));
    expect(api.requests).toHaveLength(120);
    expect(api.connections).toBeLessThanOrEqual(16);
  });
});

describe('all series of an answer', () => {
  const two = (secret: string): string =>
    JSON.stringify({
      status: 'success',
      warnings: [`echo of ${secret}`],
      data: {
        resultType: 'vector',
        result: [
          { metric: { __q: '0', rev: secret }, value: [1_767_225_600, '5'] },
          { metric: { __q: '1' }, value: [1_767_225_600, secret] },
        ],
      },
    });

  test('are told with their labels, each with what its value says', async () => {
    const api = await scripted(answer(200, two('x')));
    const { source, telemetry } = made(api.url, { allowPartial: true });
    const { found, server } = await source.askSeries({ query: 'up' }, never);
    expect({ found, server }).toMatchObject({
      server: 'main',
      found: {
        is: 'series',
        series: [
          { labels: { __q: '0', rev: 'x' }, reading: { is: 'vector', number: 5 } },
          { labels: { __q: '1' }, reading: { is: 'prometheus_malformed' } },
        ],
      },
    });
    expect(
      telemetry.valueOf('hpa_bridge_prometheus_requests_total', { server: 'main', outcome: 'series' }),
    ).toBe(1);
  });

  test('say no secret but in labels, which are only compared', async () => {
    const api = await scripted(answer(200, two(SECRET.tenant)));
    const { source } = made(api.url, { allowPartial: true, headers: { 'X-Tenant': SECRET.tenant } });
    const { found, raw } = await source.askSeries({ query: 'up' }, never);
    expect(raw).not.toContain(SECRET.tenant);
    const series = found.is === 'series' ? found.series : [];
    expect(series.map(({ labels }) => labels['__q'])).toEqual(['0', '1']);
    expect(series[0]?.labels['rev']).toBe(SECRET.tenant);
    expect(JSON.stringify(series.map(({ reading }) => reading))).not.toContain(SECRET.tenant);
  });

  test('fail as a whole when the request does', async () => {
    const { source } = made((await scripted(answer(401, ''))).url);
    expect((await source.askSeries({ query: 'up' }, never)).found.is).toBe('prometheus_unauthorized');
  });
});

describe('every failure is told apart', () => {
  const echo =
    (code: number, headers: Readonly<Record<string, string>> = {}): Script =>
    (seen, response) =>
      answer(code, { status: 'x', seen, error: JSON.stringify(seen.headers) }, headers)(seen, response);
  const refusal =
    (code: number, errorType: string): Script =>
    (seen, response) =>
      answer(code, { status: 'error', errorType, error: JSON.stringify(seen.headers) })(seen, response);
  const warning: Script = (seen, response) => {
    const warnings = [JSON.stringify(seen.headers)];
    answer(200, { ...(JSON.parse(NUMBER) as object), warnings })(seen, response);
  };
  const OUTCOMES: readonly (readonly [string, Script])[] = [
    ['prometheus_malformed', echo(200)],
    ['prometheus_malformed', answer(200, '<html>')],
    ['prometheus_malformed', answer(204, '')],
    ['prometheus_partial', warning],
    ['prometheus_truncated', answer(200, NUMBER.slice(0, 40))],
    ['prometheus_truncated', stream([NUMBER.slice(0, 40)], 'reset')],
    ['prometheus_too_large', answer(200, NUMBER + ' '.repeat(2 ** 20))],
    ['prometheus_bad_data', refusal(400, 'bad_data')],
    ['prometheus_execution', refusal(422, 'execution')],
    ['prometheus_query_timeout', refusal(503, 'timeout')],
    ['prometheus_canceled', refusal(503, 'canceled')],
    ['prometheus_throttled', echo(429, { 'retry-after': '7' })],
    ['prometheus_throttled', echo(503, { 'retry-after': '7' })],
    ['prometheus_unauthorized', echo(401)],
    ['prometheus_unauthorized', echo(403)],
    ['prometheus_rejected', echo(404)],
    ['prometheus_redirect', echo(302, { location: 'http://127.0.0.1:1/' })],
    ['prometheus_redirect', echo(308, { location: '/api/v1/query' })],
    ['prometheus_failed', echo(500)],
    ['prometheus_reset', reset],
  ];
  const basic: PrometheusServer['auth'] = {
    kind: 'basic',
    username: inline('someone'),
    password: inline(SECRET.password),
  };
  const AUTHS: readonly (readonly [string, PrometheusServer['auth']])[] = [
    ['bearer', { kind: 'bearer', token: inline(SECRET.token) }],
    ['basic', basic],
  ];
  const cases = OUTCOMES.flatMap(([is, script]) => AUTHS.map(([name, auth]) => ({ is, name, script, auth })));

  test.each(cases)('$is ($name), and no secret is in what is told', async ({ is, script, auth }) => {
    const api = await scripted(script);
    const headers = { 'X-Tenant': SECRET.tenant };
    const { source, telemetry } = made(api.url, { auth, headers });
    const found = await source.ask({ query: 'up' }, never);
    expect(found.reading).toMatchObject({ is, message: expect.stringMatching(/\.$/) });
    expect(
      telemetry.valueOf('hpa_bridge_prometheus_requests_total', { server: 'main', outcome: is.slice(11) }),
    ).toBe(1);
    const told = JSON.stringify(found);
    const encoded = Buffer.from(`someone:${SECRET.password}`).toString('base64');
    for (const secret of [...Object.values(SECRET), JSON.stringify(SECRET.password).slice(1, -1), encoded])
      expect(told).not.toContain(secret);
    expect(api.requests[0]?.headers).toMatchObject({
      'x-tenant': SECRET.tenant,
      authorization: expect.stringMatching(/^(Bearer|Basic) .{10}/),
    });
    // A redirect is not followed, and nothing but a kept connection that broke is tried again.
    expect(api.requests).toHaveLength(1);
  });

  test('a Retry-After is handed on', async () => {
    const api = await scripted(echo(429, { 'retry-after': '7' }));
    expect((await ask(api.url)).reading).toMatchObject({ retryAfterMs: 7000 });
  });

  test('where partial answers are allowed, the warning has no secret', async () => {
    const api = await scripted(warning);
    const changed = { allowPartial: true, headers: { 'X-Tenant': SECRET.tenant } };
    const found = await ask(api.url, changed);
    expect(found.reading).toMatchObject({ is: 'vector', number: 5, warnings: [expect.any(String)] });
    expect(JSON.stringify(found)).not.toContain(SECRET.tenant);
  });

  test('a secret that is a digit of the number does not change it', async () => {
    const api = await scripted(answer(200, NUMBER.replace('"5"', '"123456"')));
    const found = await ask(api.url, { headers: { 'X-Tenant': '2345' } });
    expect(found.reading).toMatchObject({ number: 123_456 });
    expect(found.raw).not.toContain('2345');
  });

  test.each([
    ['ECONNREFUSED', 'prometheus_refused'],
    ['EHOSTUNREACH', 'prometheus_refused'],
    ['ECONNRESET', 'prometheus_reset'],
    ['ENOTFOUND', 'prometheus_dns'],
    ['EAI_AGAIN', 'prometheus_dns'],
    ['ETIMEDOUT', 'prometheus_timeout'],
    ['CERT_HAS_EXPIRED', 'prometheus_tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'prometheus_tls'],
    ['ERR_OSSL_PEM_NO_START_LINE', 'prometheus_tls'],
    ['HPE_INVALID_CONSTANT', 'prometheus_malformed'],
    ['Bearer abc', 'prometheus_reset'],
  ])('%s is %s', (code, is) => {
    const reading = readingOfNetwork({ code, message: 'Bearer abc' }, 'prom:9090');
    expect(reading).toMatchObject({ is, message: expect.stringContaining('prom:9090') });
    expect(reading.message).not.toContain('Bearer');
  });
});

describe('time', () => {
  test('an answer that does not come within the timeout is given up', async () => {
    const api = await scripted(silence);
    const { source, clock } = made(api.url, { timeout: seconds(3) });
    const asking = source.ask({ query: 'up' }, never);
    while (api.requests.length === 0) await settled();
    await clock.pass(seconds(3));
    expect(await asking).toMatchObject({
      reading: { is: 'prometheus_timeout', message: expect.stringContaining('within 3 s') },
      took: 3000,
    });
  });

  test('neither is one that stops in its middle', async () => {
    const api = await scripted(stream([NUMBER.slice(0, 30)], 'stay'));
    const { source, clock } = made(api.url, { timeout: seconds(3) });
    const asking = source.ask({ query: 'up' }, never);
    while (api.requests.length === 0) await settled();
    await settled();
    await clock.pass(seconds(3));
    expect((await asking).reading.is).toBe('prometheus_timeout');
  });

  test('credentials that cannot be read in time are a timeout, too', async () => {
    const auth: PrometheusServer['auth'] = { kind: 'bearer', token: { from: 'file', path: '/t' } };
    const { source, clock } = made('http://127.0.0.1:1', { auth }, () => new Promise(() => undefined));
    const asking = source.ask({ query: 'up' }, never);
    await settled();
    await clock.pass(seconds(10));
    expect((await asking).reading.is).toBe('prometheus_timeout');
  });

  test('who gives up gets their own reason', async () => {
    const api = await scripted(silence);
    const stop = new AbortController();
    const asking = made(api.url).source.ask({ query: 'up' }, stop.signal);
    while (api.requests.length === 0) await settled();
    stop.abort(new Error('stopping'));
    await expect(asking).rejects.toThrow('stopping');
  });
});

describe('credentials', () => {
  const bearer: PrometheusServer['auth'] = {
    kind: 'bearer',
    token: { from: 'secret', ref: { name: 'prom', key: 'token' } },
  };
  const sent = (api: ScriptedApi): readonly (string | undefined)[] =>
    api.requests.map(({ headers }) => headers.authorization);

  test('that rotate are picked up within 30 s', async () => {
    const api = await scripted(answer(200, NUMBER));
    let token = 'first\n';
    const { source, clock } = made(api.url, { auth: bearer }, () => Promise.resolve(token));
    await source.ask({ query: 'up' }, never);
    token = 'second';
    await source.ask({ query: 'up' }, never);
    await clock.pass(seconds(30));
    await source.ask({ query: 'up' }, never);
    expect(sent(api)).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  test('that are refused are read again before the next question', async () => {
    const api = await scripted(answer(401, ''), answer(200, NUMBER));
    const tokens = ['first', 'second'];
    const { source } = made(api.url, { auth: bearer }, () => Promise.resolve(tokens.shift() ?? ''));
    expect((await source.ask({ query: 'up' }, never)).reading.is).toBe('prometheus_unauthorized');
    expect((await source.ask({ query: 'up' }, never)).reading.is).toBe('vector');
    expect(sent(api)).toEqual(['Bearer first', 'Bearer second']);
  });

  test.each(['', 'two words', 'line\nbreak', 'caf\u00e9'])('the token %j is never sent', async (token) => {
    const api = await scripted(answer(200, NUMBER));
    const { source } = made(api.url, { auth: bearer }, () => Promise.resolve(token));
    const { reading } = await source.ask({ query: 'up' }, never);
    expect(reading.is).toBe('prometheus_credentials');
    expect(JSON.stringify(reading)).not.toContain('words');
    expect(api.requests).toEqual([]);
  });

  test('that cannot be read are named, and nothing is asked', async () => {
    const api = await scripted(answer(200, NUMBER));
    const read: ReadText = () => Promise.reject(unreadable('The Secret a/b has no key "token" in its data.'));
    const { source } = made(api.url, { auth: bearer }, read);
    expect((await source.ask({ query: 'up' }, never)).reading).toEqual({
      is: 'prometheus_credentials',
      message: 'The Secret a/b has no key "token" in its data.',
    });
    expect(api.requests).toEqual([]);
  });
});

describe('TLS', () => {
  const ours = selfSigned('prometheus', ['localhost', 'prometheus.internal']);
  const client = selfSigned('hpa-bridge');
  const secured = async (clientCa?: string): Promise<ScriptedApi> => {
    const api = await ScriptedApi.start(clientCa === undefined ? ours : { ...ours, clientCa });
    open.push(api);
    return api.on('/api/v1/query', answer(200, NUMBER));
  };

  test('a CA that nobody told us of is not trusted', async () => {
    const api = await secured();
    expect((await ask(api.url)).reading).toMatchObject({ is: 'prometheus_tls' });
    expect(api.requests).toEqual([]);
  });
  test('one that is configured is', async () => {
    const api = await secured();
    expect((await ask(api.url, { tls: { ...NO_TLS, ca: inline(ours.cert) } })).reading.is).toBe('vector');
  });
  test('the name of the server counts, as configured', async () => {
    const api = await secured();
    const named = (serverName: string): Promise<Answer> =>
      ask(api.url, { tls: { ...NO_TLS, ca: inline(ours.cert), serverName } });
    expect((await named('prometheus.internal')).reading.is).toBe('vector');
    expect((await named('another.internal')).reading.is).toBe('prometheus_tls');
  });
  test('a client certificate is shown', async () => {
    const api = await secured(client.cert);
    const tls = { ...NO_TLS, ca: inline(ours.cert) };
    const shown = { ...tls, clientCertificate: inline(client.cert), clientKey: inline(client.key) };
    expect((await ask(api.url, { tls: shown })).reading.is).toBe('vector');
    expect((await ask(api.url, { tls })).reading.is).not.toBe('vector');
  });
  test('what is no certificate is told without its text', async () => {
    const api = await secured();
    const { reading } = await ask(api.url, {
      tls: {
        ...NO_TLS,
        ca: inline(ours.cert),
        clientCertificate: inline('nonsense'),
        clientKey: inline('hidden-key'),
      },
    });
    expect(reading.is).toBe('prometheus_tls');
    expect(JSON.stringify(reading)).not.toMatch(/nonsense|hidden-key/);
  });
});
