import { describe, expect, test } from '@jest/globals';
import { BRIDGE_DEFAULTS, parseBridgeConfig } from '../../../../src/domain/config/bridge.ts';
import { KEDA_DEFAULTS, KEDA_KEYS, parseKedaConfig } from '../../../../src/domain/config/keda.ts';
import { parsePrometheusServers, plainServer } from '../../../../src/domain/config/prometheus-servers.ts';
import { serverAt, serverOf, unknownServer } from '../../../../src/domain/prometheus/choose-server.ts';
import { configOf } from '../../../builders/world.ts';

const parse = (servers: unknown): unknown => {
  const read = parsePrometheusServers(JSON.stringify(servers));
  return read.ok ? read.value : read.error;
};
const MAIN = { name: 'main', address: 'https://prometheus.monitoring:9090' };
const main = (changed: object): readonly object[] => [{ ...MAIN, ...changed }];

describe('prometheus-servers', () => {
  test('of a server only name and address are needed', () => {
    expect(parse([MAIN])).toEqual([plainServer('main', MAIN.address)]);
    expect(parsePrometheusServers(' \n')).toEqual({ ok: true, value: [] });
  });

  test('everything that can be said about one', () => {
    const whole = main({
      address: 'https://mimir.example:443/',
      pathPrefix: '/prometheus/',
      headers: { 'X-Scope-OrgID': 'team a' },
      parameters: { dedup: 'true', 'extra_filters[]': '{a="b"}' },
      timeout: '2500ms',
      allowPartial: true,
      ignoreNullValues: true,
      auth: { basic: { secret: 'mimir', passwordKey: 'pass' } },
      tls: {
        ca: { configMap: 'ca' },
        clientCertificate: { secret: 'client' },
        serverName: 'mimir.internal',
      },
    });
    const secret = (name: string, key: string): object => ({ from: 'secret', ref: { name, key } });
    expect(parse(whole)).toEqual([
      {
        name: 'main',
        address: 'https://mimir.example:443/prometheus',
        headers: { 'X-Scope-OrgID': 'team a' },
        parameters: { dedup: 'true', 'extra_filters[]': '{a="b"}' },
        timeout: 2500,
        allowPartial: true,
        ignoreNullValues: true,
        auth: { kind: 'basic', username: secret('mimir', 'username'), password: secret('mimir', 'pass') },
        tls: {
          ca: { from: 'configMap', ref: { name: 'ca', key: 'ca.crt' } },
          clientCertificate: secret('client', 'tls.crt'),
          clientKey: secret('client', 'tls.key'),
          serverName: 'mimir.internal',
        },
      },
    ]);
  });

  test.each([
    [{ secret: 'p' }, { from: 'secret', ref: { name: 'p', key: 'token' } }],
    [
      { secret: 'p', key: 'k' },
      { from: 'secret', ref: { name: 'p', key: 'k' } },
    ],
    [{ file: '/var/token' }, { from: 'file', path: '/var/token' }],
  ])('a bearer token from %j', (bearer, token) => {
    expect(parse(main({ auth: { bearer } }))).toMatchObject([{ auth: { kind: 'bearer', token } }]);
  });

  test.each<readonly [unknown, string]>([
    [{}, 'prometheus-servers is wrong: expected a JSON list of servers, for example'],
    [
      [{ address: MAIN.address }],
      'prometheus-servers[0].name is wrong: expected a name of lower-case letters',
    ],
    [main({ name: 'Main' }), 'prometheus-servers[0].name is wrong: expected a name'],
    [[MAIN, MAIN], 'prometheus-servers[1].name is "main" again: expected each name once.'],
    [
      main({ address: 'prometheus:9090' }),
      'prometheus-servers[0].address is wrong: expected an http or https URL',
    ],
    [main({ address: 'http://u:secret-word@h' }), 'prometheus-servers[0].address is wrong'],
    [main({ adress: 'x' }), 'prometheus-servers[0] knows no "adress": expected name, address, pathPrefix'],
    [main({ timeout: '10' }), 'prometheus-servers[0].timeout is wrong: expected a duration from 100ms to 2m'],
    [main({ timeout: '3m' }), 'prometheus-servers[0].timeout is wrong'],
    [main({ headers: { Authorization: 'Bearer secret-word' } }), 'prometheus-servers[0].headers is wrong'],
    [main({ headers: { 'X-A': 'secret-word\n' } }), 'prometheus-servers[0].headers is wrong'],
    [main({ headers: { 'X-A': 5 } }), 'prometheus-servers[0].headers.X-A is wrong'],
    [main({ parameters: { query: 'up' } }), 'prometheus-servers[0].parameters is wrong'],
    [main({ allowPartial: 'yes' }), 'prometheus-servers[0].allowPartial is wrong: expected true or false.'],
    [main({ auth: {} }), 'prometheus-servers[0].auth is wrong: expected either bearer or basic.'],
    [
      main({ auth: { bearer: { token: 'secret-word' } } }),
      'auth.bearer is wrong: expected an object with one of secret, file.',
    ],
    [
      main({ auth: { bearer: { secret: 'A B' } } }),
      'auth.bearer.secret is wrong: expected the name of an object',
    ],
    [main({ auth: { bearer: { file: 'token' } } }), 'auth.bearer.file is wrong: expected an absolute path'],
    [main({ auth: { basic: { secret: 'a', password: 'secret-word' } } }), 'auth.basic knows no "password"'],
    [main({ tls: { ca: { pem: 'secret-word' } } }), 'tls.ca.pem is wrong: expected PEM'],
    [
      main({ address: 'http://h', tls: { serverName: 'x' } }),
      'prometheus-servers[0].tls has no effect over http: expected an https address.',
    ],
  ])('%j is refused with its path and without values', (servers, sentence) => {
    const said = parse(servers);
    expect(said).toEqual([expect.stringContaining(sentence)]);
    expect(String(said)).not.toContain('secret-word');
  });

  test('what is not JSON is refused with the place', () => {
    expect(parseBridgeConfig({ 'prometheus-servers': '[\n {"name": "a",}]' })).toEqual({
      ok: false,
      error: 'prometheus-servers is not JSON at line 2 column 15: expected a field name in double quotes.',
    });
  });

  test('every mistake has its sentence', () => {
    expect(parse([{ ...MAIN, name: '', timeout: 'x' }, { name: 'b' }])).toHaveLength(3);
  });
});

describe('the server of a revision', () => {
  const named = (name: string, address: string) => plainServer(name, address);
  const config = configOf({
    keda: { prometheusAddress: 'http://prom:9090/', namesAddress: true },
    bridge: {
      ...BRIDGE_DEFAULTS,
      allowedPrometheusAddresses: ['http://other:9090'],
      prometheusServers: [
        { ...named('main', 'http://PROM:9090'), headers: { 'X-A': 'b' } },
        named('mimir', 'http://mimir'),
      ],
    },
  });
  const of = (
    annotations: { prometheusServer?: string; prometheusAddress?: string },
    live = config,
  ): unknown => {
    const chosen = serverOf(
      { prometheusServer: undefined, prometheusAddress: undefined, ...annotations },
      live,
    );
    return chosen.ok ? chosen.value.name : chosen.error;
  };
  test('is the one that it names', () => expect(of({ prometheusServer: 'mimir' })).toBe('mimir'));
  test('is the configured one at the address that it names, with its headers', () =>
    expect(of({ prometheusAddress: 'http://prom:9090' })).toBe('main'));
  test('is the allowed address that it names', () =>
    expect(of({ prometheusAddress: 'http://other:9090' })).toBe('other:9090'));
  test('is never an address that is not allowed', () =>
    expect(of({ prometheusAddress: 'http://169.254.169.254' })).toContain(
      'prometheus-address is "http://169.254.169.254"',
    ));
  test('is the address of config-autoscaler-keda when it names none', () => expect(of({})).toBe('main'));
  test('is that of kube-prometheus-stack in its usual namespace when nothing is configured', () =>
    expect(of({}, configOf())).toBe('prometheus-operated.monitoring.svc:9090'));
  test('is autoscaler-keda’s usual one when config-autoscaler-keda names just that', () => {
    const read = parseKedaConfig({ [KEDA_KEYS.prometheusAddress.key]: KEDA_DEFAULTS.prometheusAddress });
    expect(read.ok && of({}, configOf({ keda: read.value }))).toBe('prometheus-operated.default.svc:9090');
  });
  test('is the one named default before that', () => {
    const bridge = { ...BRIDGE_DEFAULTS, prometheusServers: [named('default', 'http://d')] };
    expect(of({}, configOf({ bridge }))).toBe('default');
  });
  test('that nobody configured is refused with those that are', () => {
    const sentence =
      'hpa-bridge.dev/prometheus is "mian": expected a server of prometheus-servers in config-hpa-bridge; known are main, mimir.';
    expect(of({ prometheusServer: 'mian' })).toBe(sentence);
    const settings = { prometheusServer: 'mian', prometheusAddress: undefined };
    expect(unknownServer(settings, config)).toEqual([
      { effect: 'refused', key: 'hpa-bridge.dev/prometheus', message: sentence },
    ]);
    expect(unknownServer({ ...settings, prometheusServer: 'main' }, config)).toEqual([]);
  });
  test('at an address without a path keeps the address as it is', () =>
    expect(serverAt('http://h:1/p/', []).address).toBe('http://h:1/p'));
});
