/** Labels of the Services and Endpoints of a revision, by which Knative's controllers find them (serving: pkg/networking/constants.go). */
export const SERVICES_OF = 'networking.internal.knative.dev/serverlessservice';
export const SERVICE_TYPE = 'networking.internal.knative.dev/serviceType';
export type ServiceType = 'Public' | 'Private';

/** Where queue-proxies and activators listen for each `protocolType`, and how the public Service names it (knative.dev/networking). */
interface Backend {
  readonly name: 'http' | 'http2';
  /** Of the public Service. */
  readonly port: 80 | 81;
  readonly target: 8012 | 8013;
}

export const backendOf = (protocolType: string): Backend =>
  protocolType === 'h2c'
    ? { name: 'http2', port: 81, target: 8013 }
    : { name: 'http', port: 80, target: 8012 };

/** The same over TLS, whatever the protocol. */
export const HTTPS = { name: 'https', port: 443, target: 8112 } as const;

/** The Services in the system namespace whose addresses hold requests: ours, and Knative's own. */
export const OUR_ACTIVATOR = 'hpa-bridge-activator';
export const KNATIVES_ACTIVATOR = 'activator-service';

/** Who keeps the Services and Endpoints of a revision: the bridge itself, or Knative by way of a ServerlessService. */
export type Keeper = 'bridge' | 'knative';
