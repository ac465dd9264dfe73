/** A Service, by name. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

export const isService = (one: ServiceName, other: ServiceName): boolean =>
  one.namespace === other.namespace && one.name === other.name;

/** The name that the API server expects in the certificate of a Service. */
export const serverNameOf = ({ namespace, name }: ServiceName): string => `${name}.${namespace}.svc`;
