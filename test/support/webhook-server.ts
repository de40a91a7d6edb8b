import { Agent, type Dispatcher, request as send } from 'undici';
import { type Config, parseConfig } from '../../src/config.ts';
import { createMetrics, type Metrics } from '../../src/metrics.ts';
import { createProbes, type Probes } from '../../src/server/probe-routes.ts';
import { startWebhookServer, type WebhookServerDeps } from '../../src/server/server.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../src/tls/certificate-authority.ts';
import {
  type CertificateSource,
  CurrentCertificate,
  type ServingCertificate,
} from '../../src/tls/certificate-source.ts';
import { serviceNames, signLeaf } from '../../src/tls/leaf.ts';
import { type CapturedLog, captureLog } from './captured-log.ts';

export const TOKEN = 'ab'.repeat(32);
export const SERVER_NAME = 'latchkey-webhook.latchkey-system.svc';
const HOUR_MS = 3_600_000;

/** A certificate source that a test turns by hand. */
export interface HandSource extends CertificateSource {
  sign(authority: CertificateAuthority): Promise<void>;
  replace(certificate: ServingCertificate): void;
}

export function createHandSource(): HandSource {
  const current = new CurrentCertificate(() => new Date());
  const names = serviceNames('latchkey-webhook', 'latchkey-system', []);
  return {
    current: () => current.get(),
    onChange: (listener) => current.onChange(listener),
    isReady: () => current.isReady(),
    stop: async () => {},
    replace: (certificate) => current.replace(certificate),
    async sign(authority) {
      current.replace(await signLeaf(authority, { names, lifetimeMs: HOUR_MS, now: new Date() }));
    },
  };
}

export interface RunningServer {
  readonly port: number;
  readonly authority: CertificateAuthority;
  readonly certificates: HandSource;
  readonly captured: CapturedLog;
  readonly probes: Probes;
  stop(): Promise<void>;
  /** Posts to the route with the accepted token, or to `path`. */
  post(body: string | Buffer, options?: PostOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

export interface PostOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
}

export interface ServerSettings {
  readonly admit?: WebhookServerDeps['admit'];
  readonly validate?: WebhookServerDeps['admit'];
  readonly config?: Partial<Config['server']>;
  readonly captured?: CapturedLog;
  readonly metrics?: Metrics;
}

/** The real server over HTTPS on a port of its own, and a client that trusts it. */
export async function runWebhookServer(settings: ServerSettings = {}): Promise<RunningServer> {
  const authority = await createCertificateAuthority(HOUR_MS, new Date());
  const certificates = createHandSource();
  await certificates.sign(authority);
  const { captured = captureLog(), metrics = createMetrics() } = settings;
  const probes = createProbes({});
  const server = await startWebhookServer({
    admit: settings.admit ?? (async () => ALLOWED),
    ...(settings.validate !== undefined && { validate: settings.validate }),
    pathToken: { matches: (token) => token === TOKEN },
    certificates,
    probes,
    log: captured.log,
    metrics,
    config: { ...parseConfig('').server, listen: '127.0.0.1:0', drain: '0s', ...settings.config },
  });
  const agent = clientFor(authority.certificatePem);

  return {
    port: server.port,
    authority,
    certificates,
    captured,
    probes,
    async stop() {
      await server.stop();
      await agent.close();
    },
    post: (body, { path = `/mutate/${TOKEN}?timeout=10s`, headers = JSON_TYPE } = {}) =>
      call({ method: 'POST', path, body, headers: { ...headers } }),
    get: (path) => call({ method: 'GET', path }),
  };

  async function call({ path, ...options }: Sent): Promise<Answer> {
    const url = `https://127.0.0.1:${server.port}${path}`;
    const { statusCode, headers, body } = await send(url, { ...options, dispatcher: agent });
    return { status: statusCode, headers, text: await body.text() };
  }
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** Trusts only this bundle, and checks the name that API servers check. */
export function clientFor(ca: string): Agent {
  return new Agent({ connect: { ca, servername: SERVER_NAME }, keepAliveTimeout: 60_000, connections: 8 });
}

export const ALLOWED = {
  response: { allowed: true },
  summary: { decision: 'unchanged', codes: [] },
} as const;

const JSON_TYPE = { 'content-type': 'application/json' };

export function aReview(request: object = {}): string {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'api-' }, spec: {} };
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u-1', operation: 'CREATE', namespace: 'payments', kind: { kind: 'Pod' }, object: pod, ...request },
  });
}
