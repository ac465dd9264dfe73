import { parse } from 'yaml';
import type { KubeObject } from '../domain/k8s/meta.ts';

/** A Knative Service as a user writes it. */
export interface Sample {
  readonly name: string;
  /** What it shows, in one line. */
  readonly about: string;
  readonly yaml: string;
}

/** The services that the playground starts with. */
export const SAMPLES: readonly Sample[] = [
  {
    name: 'query',
    about: 'scales on a PromQL query: one pod for every 5 requests a second',
    yaml: `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: query
  namespace: default
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/class: hpa.autoscaling.knative.dev
        autoscaling.knative.dev/query: sum(rate(http_requests_total{namespace="{{ .namespace }}", revision="{{ .revisionName }}"}[1m]))
        autoscaling.knative.dev/target: "5"
        autoscaling.knative.dev/min-scale: "1"
        autoscaling.knative.dev/max-scale: "10"
    spec:
      containers:
        - image: example.com/shop/checkout:1.4
`,
  },
  {
    name: 'cpu',
    about: 'scales on cpu: pods are added above 75 % of what they request',
    yaml: `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: cpu
  namespace: default
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/class: hpa.autoscaling.knative.dev
        autoscaling.knative.dev/metric: cpu
        autoscaling.knative.dev/target: "75"
        autoscaling.knative.dev/min-scale: "2"
        autoscaling.knative.dev/max-scale: "6"
        autoscaling.knative.dev/window: 120s
    spec:
      containers:
        - image: example.com/shop/thumbnails:2.0
          resources:
            requests:
              cpu: 250m
`,
  },
  {
    name: 'mistake',
    about: 'asks for a name that queries do not have, and is told so',
    yaml: `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: mistake
  namespace: default
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/class: hpa.autoscaling.knative.dev
        autoscaling.knative.dev/query: sum(rate(jobs_total{revision="{{ .revision }}"}[1m]))
        autoscaling.knative.dev/target: "20"
        autoscaling.knative.dev/max-scale: "4"
    spec:
      containers:
        - image: example.com/shop/mailer:0.9
`,
  },
];

/** The object that a sample describes. */
export const sampleObject = (sample: Sample): KubeObject => parse(sample.yaml) as KubeObject;
