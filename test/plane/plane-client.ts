import { Agent } from 'node:https';
import type { KeyPair } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requestJson, type PlaneResponse } from './request-json.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

/** All that is needed to use a running plane: plain JSON, so a test runner can hand it to its workers. */
export interface PlaneDescriptor {
  readonly directory: string;
  readonly serverUrl: string;
  readonly caPem: string;
  readonly admin: KeyPair;
  readonly adminKubeconfigPath: string;
  readonly auditLogPath: string;
  /** Where replicas can listen so that the API server reaches them. */
  readonly addresses: readonly string[];
  /** True: `clientConfig.service` works. False: only `clientConfig.url` does. */
  readonly serviceRouting: boolean;
  readonly kubectlPath: string;
  readonly helmPath: string;
}

export interface PlaneCommandOptions extends CommandOptions {
  /** Path of another kubeconfig than the administrator's. */
  readonly kubeconfig?: string;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  /** A bearer token in place of the administrator's certificate. */
  readonly token?: string;
}

export interface TokenOptions {
  readonly audiences?: readonly string[];
  readonly expirationSeconds?: number;
}

export interface ServiceAccountRef {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface PlaneClient extends PlaneDescriptor {
  kubectl(args: readonly string[], options?: PlaneCommandOptions): Promise<CommandResult>;
  helm(args: readonly string[], options?: PlaneCommandOptions): Promise<CommandResult>;
  /** One HTTPS call to the API server; any status is an answer. JSON bodies are parsed. */
  request<Body = unknown>(method: string, path: string, options?: RequestOptions): Promise<PlaneResponse<Body>>;
  /** Server-side apply through kubectl; throws on refusal. */
  apply(...objects: readonly KubernetesObject[]): Promise<void>;
  /** A TokenRequest token; without audiences it is good for the API server. */
  tokenFor(account: ServiceAccountRef, options?: TokenOptions): Promise<string>;
  /** Writes a kubeconfig whose token is one of that ServiceAccount, good for a day. */
  kubeconfigFor(account: ServiceAccountRef & { path: string }): Promise<void>;
}

const TOKEN_LIFETIME_SECONDS = 24 * 60 * 60;

/** The handle on a plane that runs elsewhere, in this process or another. */
export function createPlaneClient(descriptor: PlaneDescriptor): PlaneClient {
  const { serverUrl, caPem, admin, adminKubeconfigPath, directory } = descriptor;
  const adminAgent = new Agent({ ca: caPem, cert: admin.certificatePem, key: admin.keyPem, keepAlive: true });
  const tokenAgent = new Agent({ ca: caPem, keepAlive: true });
  // HOME: kubectl and Helm keep caches and settings there, and must not see the developer's.
  function command(path: string, args: readonly string[], options: PlaneCommandOptions = {}): Promise<CommandResult> {
    const kubeconfig = options.kubeconfig ?? adminKubeconfigPath;
    return runCommand(path, args, {
      ...options,
      env: { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: kubeconfig },
    });
  }

  const client: PlaneClient = {
    ...descriptor,
    kubectl: (args, options) => command(descriptor.kubectlPath, args, options),
    helm: (args, options) => command(descriptor.helmPath, args, options),
    request(method, path, { body, contentType, token } = {}) {
      return requestJson(method, new URL(path, serverUrl), {
        agent: token === undefined ? adminAgent : tokenAgent,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
        },
        body,
      });
    },
    async apply(...objects) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await client.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
    },
    async tokenFor({ namespace, serviceAccount }, { audiences, expirationSeconds = TOKEN_LIFETIME_SECONDS } = {}) {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const body = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences, expirationSeconds },
      };
      const answer = await client.request<{ status: { token: string } }>('POST', path, { body });
      if (answer.status !== 201) throw new Error(`no token for ${namespace}/${serviceAccount}: ${answer.text}`);
      return answer.body.status.token;
    },
    async kubeconfigFor({ path, ...account }) {
      const token = await client.tokenFor(account);
      await writeKubeconfig(path, { url: serverUrl, caPem }, { token }, { namespace: account.namespace });
    },
  };
  return client;
}
