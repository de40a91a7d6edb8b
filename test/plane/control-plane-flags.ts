import { join } from 'node:path';
import type { Credentials } from './credentials.ts';
import { PLANE_ADDRESSES } from './namespace.ts';

export type Flags = Readonly<Record<string, string>>;

// Those that the product's behaviour depends on. serviceaccount-token-controller fills token Secrets: the Secret
// fence is tested against it. No node-lifecycle and no endpoint controllers: KWOK and the tests stand in.
const CONTROLLERS = [
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'cronjob-controller',
  'resourcequota-controller',
  'ttl-after-finished-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
];

export function etcdFlags(dataDirectory: string, clientUrl: string, peerUrl: string): Flags {
  return {
    'data-dir': dataDirectory,
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'unsafe-no-fsync': 'true',
  };
}

export function apiServerFlags(
  credentials: Credentials,
  options: { etcdUrl: string; port: number; auditLogPath: string },
): Flags {
  return {
    'etcd-servers': options.etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': String(options.port),
    // Named only so that none is looked for: the namespace has no default route. With the reconciler off nobody reads it.
    'advertise-address': PLANE_ADDRESSES[0],
    'endpoint-reconciler-type': 'none',
    'cert-dir': credentials.directory,
    'tls-cert-file': credentials.server.certificate,
    'tls-private-key-file': credentials.server.key,
    'client-ca-file': credentials.ca,
    'authorization-mode': 'RBAC',
    'service-cluster-ip-range': '10.0.0.0/24',
    'allow-privileged': 'true',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': credentials.serviceAccountKey,
    'service-account-signing-key-file': credentials.serviceAccountKey,
    // Dials EndpointSlice addresses itself: webhooks need no kube-proxy.
    'enable-aggregator-routing': 'true',
    // It would taint each new Node not-ready, and only the node-lifecycle controller takes that away.
    'disable-admission-plugins': 'TaintNodesByCondition',
    'audit-policy-file': join(import.meta.dirname, 'audit-policy.yaml'),
    'audit-log-path': options.auditLogPath,
    'proxy-client-cert-file': credentials.frontProxy.certificate,
    'proxy-client-key-file': credentials.frontProxy.key,
    'requestheader-client-ca-file': credentials.ca,
    'requestheader-allowed-names': 'front-proxy',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
  };
}

export function controllerManagerFlags(credentials: Credentials, port: number): Flags {
  return {
    ...componentFlags(credentials, credentials.kubeconfigs.controllerManager, port),
    'use-service-account-credentials': 'true',
    'service-account-private-key-file': credentials.serviceAccountKey,
    'root-ca-file': credentials.ca,
    'kube-api-qps': '200',
    'kube-api-burst': '400',
    controllers: CONTROLLERS.join(','),
  };
}

export function schedulerFlags(credentials: Credentials, port: number): Flags {
  const flags = componentFlags(credentials, credentials.kubeconfigs.scheduler, port);
  return { ...flags, 'kube-api-qps': '200', 'kube-api-burst': '400' }; // each Pod takes two calls
}

export function kwokFlags(credentials: Credentials, port: number, stages: string): Flags {
  return {
    kubeconfig: credentials.kubeconfigs.admin,
    'manage-all-nodes': 'true',
    'node-ip': '127.0.0.1',
    'server-address': `127.0.0.1:${port}`,
    config: stages,
  };
}

function componentFlags(credentials: Credentials, kubeconfig: string, port: number): Flags {
  return {
    kubeconfig,
    'leader-elect': 'false',
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'cert-dir': credentials.directory,
  };
}
