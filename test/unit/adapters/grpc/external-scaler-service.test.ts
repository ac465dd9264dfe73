import { expect, test } from '@jest/globals';
import { EXTERNAL_SCALER } from '../../../../src/adapters/grpc/external-scaler-service.ts';

/**
 * Each line is a message as protocol buffers define its bytes: a tag is the number of the field times 8, plus 0 for a varint, 1 for a
 * double and 2 for what has a length.
 */
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test('has the names and paths of KEDA, and says which methods are streams', () => {
  expect(
    Object.values(EXTERNAL_SCALER).map(({ path, requestStream, responseStream }) => [
      path,
      requestStream,
      responseStream,
    ]),
  ).toEqual([
    ['/externalscaler.ExternalScaler/IsActive', false, false],
    ['/externalscaler.ExternalScaler/StreamIsActive', false, true],
    ['/externalscaler.ExternalScaler/GetMetricSpec', false, false],
    ['/externalscaler.ExternalScaler/GetMetrics', false, false],
    ['/externalscaler.ExternalScaler/StreamMetricSpec', false, true],
  ]);
});

test.each([
  ['IsActive', '', { name: '', namespace: '', scalerMetadata: {} }],
  [
    'IsActive',
    // 1 name "a", 2 namespace "bc", 3 scalerMetadata {"k": "v"}
    '0a 01 61  12 02 6263  1a 06 0a 01 6b 12 01 76',
    { name: 'a', namespace: 'bc', scalerMetadata: { k: 'v' } },
  ],
  [
    'GetMetrics',
    // 1 scaledObjectRef {1 name "a"}, 2 metricName "m"
    '0a 03 0a 01 61  12 01 6d',
    { scaledObjectRef: { name: 'a', namespace: '', scalerMetadata: {} }, metricName: 'm' },
  ],
  ['GetMetrics', '12 01 6d', { scaledObjectRef: null, metricName: 'm' }],
  // A field of a newer KEDA: 9, a varint.
  ['IsActive', '0a 01 61  48 07', { name: 'a', namespace: '', scalerMetadata: {} }],
])('reads a question of %s: %s', (method, hex, message) => {
  expect(EXTERNAL_SCALER[method]!.requestDeserialize(bytes(hex))).toEqual(message);
});

test.each([
  ['IsActive', { result: true }, '08 01'],
  ['StreamIsActive', { result: true }, '08 01'],
  [
    'GetMetricSpec',
    // 1 metricSpecs [{1 metricName "m", 3 targetSizeFloat 0.5}]
    { metricSpecs: [{ metricName: 'm', targetSizeFloat: 0.5 }] },
    '0a 0c  0a 01 6d  19 000000000000e03f',
  ],
  [
    'StreamMetricSpec',
    { metricSpecs: [{ metricName: 'm', targetSize: 3, targetSizeFloat: 0.5 }] },
    '0a 0e  0a 01 6d  10 03  19 000000000000e03f',
  ],
  [
    'GetMetrics',
    { metricValues: [{ metricName: 'm', metricValueFloat: 2 }] },
    '0a 0c  0a 01 6d  19 0000000000000040',
  ],
  [
    'GetMetrics',
    { metricValues: [{ metricName: 'm', metricValue: 3, metricValueFloat: 2 }] },
    '0a 0e  0a 01 6d  10 03  19 0000000000000040',
  ],
])('writes an answer of %s', (method, message, hex) => {
  expect(EXTERNAL_SCALER[method]!.responseSerialize(message).toString('hex')).toBe(
    bytes(hex).toString('hex'),
  );
});
