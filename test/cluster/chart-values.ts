import type { Values } from './helm.ts';

const MONITORED = { enabled: true, additionalLabels: { release: 'kube-prometheus-stack' } };

/** With everything on that needs the Prometheus operator. */
export const BESIDE_THE_OPERATOR: Values = {
  prometheus: {
    server: { address: 'http://prometheus-operated.monitoring.svc:9090' },
    controller: {
      serviceMonitor: {
        ...MONITORED,
        interval: '15s',
        scrapeTimeout: '10s',
        jobLabel: 'app.kubernetes.io/name',
        targetLabels: ['app.kubernetes.io/version'],
      },
      podMonitor: {
        ...MONITORED,
        relabelings: [{ targetLabel: 'cluster', replacement: 'one' }],
        metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'nodejs_.*' }],
      },
    },
    prometheusRules: {
      ...MONITORED,
      alerts: [{ alert: 'Ours', expr: 'hpa_bridge_leader == 0' }],
      runbookUrl: 'https://runbooks.example.com/',
    },
  },
  dashboards: { enabled: true },
};

/** Sets of values that say something of every part of the chart. */
export const VALUES: Readonly<Record<string, Values>> = {
  defaults: {},
  'one replica, no external metrics, no webhook': {
    controller: { replicaCount: 1 },
    externalMetrics: { mode: 'off' },
    webhooks: { enabled: false },
  },
  'a webhook that has to answer, for some namespaces, with a certificate of the owner': {
    webhooks: {
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      namespaceSelector: { matchLabels: { team: 'shop' } },
      secretName: 'certificate',
      models: { failurePolicy: 'Ignore', namespaceSelector: { matchLabels: { models: 'yes' } } },
    },
    config: {
      'allowed-model-images': 'loader:1,other',
      'model-limits': 'memory=1Gi',
      'query-dry-run': 'off',
    },
  },
  'a webhook that changes nothing': { webhooks: { models: { enabled: false } } },
  'external metrics installed, with a certificate of the owner': {
    externalMetrics: { mode: 'on' },
    certificates: { secretName: 'certificate' },
  },
  'on and off without quotes, which Helm reads as true and false': {
    externalMetrics: { mode: false },
    config: { tenancy: false, 'decision-events': false },
    controller: { logging: { level: false } },
  },
  'no activators': { activator: { enabled: false } },
  'activators by their load': {
    activator: { autoscaling: { enabled: true }, settings: { maxWaitingBytes: 67108864, lameDuck: '10s' } },
    networkPolicy: { enabled: true },
  },
  'no roles, and an account of the owner': {
    rbac: { create: false },
    serviceAccount: { create: false, name: 'bridge' },
  },
  'servers with credentials': {
    config: { backend: 'hpa', tenancy: 'enforce', 'polling-interval': '10s' },
    kedaConfig: { 'autoscaler.keda.scaledobject-autocreate': 'false' },
    prometheus: {
      server: {
        address: 'https://prometheus.example.com/',
        pathPrefix: '/main',
        auth: { bearer: { secret: 'prometheus-token' } },
        tls: { ca: { secret: 'prometheus-ca' } },
      },
      servers: [
        {
          name: 'mimir',
          address: 'http://mimir:8080',
          auth: { basic: { secret: 'mimir' } },
          headers: { 'X-Scope-OrgID': 'shop' },
        },
        { name: 'again', address: 'http://again:8080', auth: { basic: { secret: 'mimir' } } },
      ],
    },
  },
  'all that can be said of pods': {
    global: { image: { registry: 'mirror.example.com' } },
    image: { digest: `sha256:${'0123456789abcdef'.repeat(4)}`, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'mirror' }],
    additionalLabels: { cost: 'platform', 'app.kubernetes.io/name': 'not-this' },
    additionalAnnotations: { owner: 'platform' },
    serviceAccount: { name: 'bridge', annotations: { 'iam.example.com/role': 'bridge' } },
    controller: {
      replicaCount: 3,
      podDisruptionBudget: { minAvailable: null, maxUnavailable: '50%' },
      resources: { limits: { memory: '1Gi' } },
      logging: { level: 'debug', format: 'text' },
      leaderElection: { leaseDuration: '20s', renewDeadline: '15s', retryPeriod: '3s' },
      settings: {
        workers: 16,
        kubeQps: 80,
        resync: '20m',
        bindAddress: '0.0.0.0',
        kedaScalerTlsCertFile: '/etc/keda/tls.crt',
        kedaScalerTlsPrivateKeyFile: '/etc/keda/tls.key',
      },
      volumes: {
        extraVolumes: [{ name: 'keda', secret: { secretName: 'keda' } }],
        extraVolumeMounts: [{ name: 'keda', mountPath: '/etc/keda', readOnly: true }],
      },
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'infra', operator: 'Exists' }],
      priorityClassName: 'system-cluster-critical',
      useHostNetwork: true,
      upgradeStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      revisionHistoryLimit: 3,
      podLabels: { team: 'platform' },
      podAnnotations: { 'example.com/note': 'yes' },
      podSecurityContext: { runAsUser: 1000650000 },
      extraArgs: ['--kube-burst', '200'],
      env: [{ name: 'NODE_OPTIONS', value: '--enable-source-maps' }],
      envFrom: [{ configMapRef: { name: 'more', optional: true } }],
    },
    networkPolicy: {
      enabled: true,
      ingressFrom: [{ namespaceSelector: {} }],
      extraEgress: [{ ports: [{ port: 8428 }] }],
    },
    extraObjects: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'more', namespace: '{{ .Release.Namespace }}' },
      },
    ],
  },
};
