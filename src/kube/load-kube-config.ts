import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { LatchkeyError } from '../errors.ts';
import { type Clock, systemClock } from './clock.ts';

/** Where the API server is, whom to trust, and as whom to ask. */
export interface ClusterAccess {
  /** Without a slash at the end. */
  readonly server: string;
  readonly tls: TlsMaterial;
  /** Of the ServiceAccount or of the kubeconfig's context. */
  readonly namespace?: string;
  /** The Authorization header, read anew when its token may have been rotated. */
  authHeader(): Promise<string | undefined>;
}

export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface KubeConfigSources {
  /** A kubeconfig; without it the ServiceAccount of our own Pod is used. */
  readonly kubeconfig?: string | undefined;
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly serviceAccountFolder?: string;
  readonly clock?: Clock;
}

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet replaces a token at 80 % of its hour, so a minute is early enough. */
const TOKEN_FILE_TTL_MS = 60_000;
/** Exec plugins and token files cache for themselves; this only keeps them off the path of every request. */
const KUBECONFIG_TOKEN_TTL_MS = 10_000;

/** Throws CONFIG_INVALID where there is no cluster to speak to. */
export function loadKubeConfig(sources: KubeConfigSources): Promise<ClusterAccess> {
  const clock = sources.clock ?? systemClock;
  if (sources.kubeconfig !== undefined) return fromKubeconfig(sources.kubeconfig, clock);
  return fromServiceAccount(sources.environment, sources.serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER, clock);
}

/** Read by hand: importing client-node would cost every start of a Pod 200 ms and 60 MB. */
async function fromServiceAccount(
  environment: KubeConfigSources['environment'],
  folder: string,
  clock: Clock,
): Promise<ClusterAccess> {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '') throw noCluster('there is no cluster around this process', undefined);

  const tokenFile = join(folder, 'token');
  const authHeader = remember(() => bearer(tokenFile), TOKEN_FILE_TTL_MS, clock);
  try {
    const [ca, namespace] = await Promise.all([
      readFile(join(folder, 'ca.crt')),
      readFile(join(folder, 'namespace'), 'utf8'),
      authHeader(),
    ]);
    const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    return { server, tls: { ca }, namespace: namespace.trim(), authHeader };
  } catch (error) {
    throw noCluster("this Pod's ServiceAccount files cannot be read", error);
  }
}

async function bearer(tokenFile: string): Promise<string> {
  return `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
}

async function fromKubeconfig(path: string, clock: Clock): Promise<ClusterAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (error) {
    throw noCluster('the kubeconfig cannot be read', error);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw noCluster("the kubeconfig's current context names no cluster", undefined);
  if (cluster.proxyUrl !== undefined || config.getCurrentUser()?.impersonateUser !== undefined) {
    throw noCluster('the kubeconfig uses proxy-url or impersonation, which are not supported', undefined);
  }

  const server = cluster.server.replace(/\/+$/, '');
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  const place = namespace === undefined ? {} : { namespace };
  // `kubectl proxy` authenticates for us. Nothing that identifies us travels unencrypted.
  if (server.startsWith('http:')) return { server, tls: {}, ...place, authHeader: () => Promise.resolve(undefined) };

  const options = await credentials();
  const authHeader = remember(async () => authorization(await credentials()), KUBECONFIG_TOKEN_TTL_MS, clock);
  return { server, tls: tlsOf(options), ...place, authHeader };

  async function credentials(): Promise<RequestOptions> {
    const applied: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(applied);
    } catch (error) {
      throw noCluster("the kubeconfig's credentials cannot be obtained", error);
    }
    return applied;
  }
}

function authorization(options: RequestOptions): string | undefined {
  const headers: Readonly<Record<string, unknown>> = { ...(options.headers as object | undefined) };
  if (typeof headers['Authorization'] === 'string') return headers['Authorization'];
  return typeof options.auth === 'string' ? `Basic ${Buffer.from(options.auth).toString('base64')}` : undefined;
}

function tlsOf(options: RequestOptions): TlsMaterial {
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const given = Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given);
}

/** Keeps the last answer for `ttlMs`, joins concurrent reads, and falls back to the last answer while reading fails. */
function remember<T>(read: () => Promise<T>, ttlMs: number, clock: Clock): () => Promise<T> {
  let known: { readonly value: T; readonly at: number } | undefined;
  let reading: Promise<T> | undefined;
  return () => {
    if (known !== undefined && clock.now() - known.at < ttlMs) return Promise.resolve(known.value);
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  async function refresh(): Promise<T> {
    try {
      known = { value: await read(), at: clock.now() };
      return known.value;
    } catch (error) {
      if (known === undefined) throw error;
      return known.value;
    }
  }
}

function noCluster(message: string, cause: unknown): LatchkeyError {
  return new LatchkeyError('CONFIG_INVALID', message, {
    hint: 'Run inside a Pod with a ServiceAccount token, or name a kubeconfig with --kubeconfig',
    cause,
  });
}
