import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const texts = (id: number) => ({ id, keyType: 'string', type: 'string' });

const answered = (requestType: string, responseType: string) => ({ requestType, responseType, comment: '' });
const streamed = (requestType: string, responseType: string) => ({
  ...answered(requestType, responseType),
  responseStream: true,
});

/**
 * KEDA's service of external scalers, with KEDA's names and field numbers (KEDA: pkg/scalers/externalscaler/externalscaler.proto).
 * A value rather than a .proto file, because the program is bundled and could not find it.
 */
const MESSAGES = {
  ScaledObjectRef: {
    fields: { name: field(1, 'string'), namespace: field(2, 'string'), scalerMetadata: texts(3) },
  },
  IsActiveResponse: { fields: { result: field(1, 'bool') } },
  GetMetricSpecResponse: { fields: { metricSpecs: repeated(1, 'MetricSpec') } },
  MetricSpec: {
    fields: {
      metricName: field(1, 'string'),
      targetSize: field(2, 'int64'),
      targetSizeFloat: field(3, 'double'),
    },
  },
  GetMetricsRequest: {
    fields: { scaledObjectRef: field(1, 'ScaledObjectRef'), metricName: field(2, 'string') },
  },
  GetMetricsResponse: { fields: { metricValues: repeated(1, 'MetricValue') } },
  MetricValue: {
    fields: {
      metricName: field(1, 'string'),
      metricValue: field(2, 'int64'),
      metricValueFloat: field(3, 'double'),
    },
  },
};
const METHODS = {
  IsActive: answered('ScaledObjectRef', 'IsActiveResponse'),
  StreamIsActive: streamed('ScaledObjectRef', 'IsActiveResponse'),
  GetMetricSpec: answered('ScaledObjectRef', 'GetMetricSpecResponse'),
  GetMetrics: answered('GetMetricsRequest', 'GetMetricsResponse'),
  StreamMetricSpec: streamed('ScaledObjectRef', 'GetMetricSpecResponse'),
};

export type Method = keyof typeof METHODS;

/** The service with the codecs of its messages. What is absent on the wire reads as its zero value, and a 64-bit integer as a number. */
export const EXTERNAL_SCALER: ServiceDefinition = service('externalscaler', 'ExternalScaler');

function service(pkg: string, name: string): ServiceDefinition {
  const nested = { ...MESSAGES, [name]: { methods: METHODS } };
  const definition = fromJSON({ nested: { [pkg]: { nested } } }, { defaults: true, longs: Number });
  const found = definition[`${pkg}.${name}`];
  // A message or an enumeration has a format, a service is made of methods.
  if (found === undefined || typeof found['format'] === 'string') throw new Error(`${name} is no service`);
  return found;
}
