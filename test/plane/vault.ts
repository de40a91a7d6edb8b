import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessGroup } from './managed-process.ts';
import type { PlaneClient } from './plane-client.ts';
import { freePort } from './ports.ts';
import { type PlaneResponse, requestJson } from './request-json.ts';
import { waitUntil } from './wait-until.ts';

export interface VaultRequestOptions {
  readonly body?: unknown;
  readonly token?: string;
}

export interface Vault {
  readonly address: string;
  readonly rootToken: string;
  /** Every request and answer, values replaced by an HMAC. */
  readonly auditLogPath: string;
  /** Calls `/v1/<path>` as root, or with another token. */
  api<Body = unknown>(method: string, path: string, options?: VaultRequestOptions): Promise<PlaneResponse<Body>>;
  stop(): Promise<void>;
}

const ROOT_TOKEN = 'root';
const REVIEWER = { namespace: 'kube-system', serviceAccount: 'vault-token-reviewer' };

/** Starts OpenBao with `auth/kubernetes` asking this plane's API server, and a KV version 2 engine at `secret/`. */
export async function startVault(
  binary: string,
  plane: PlaneClient,
  processes: ProcessGroup,
  env: NodeJS.ProcessEnv,
): Promise<Vault> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const directory = join(plane.directory, `vault-${port}`);
  const auditLogPath = join(directory, 'audit.log');
  const configPath = join(directory, 'config.hcl');
  await mkdir(directory);
  // Declared here: OpenBao refuses to make audit devices through its API.
  const audit = `audit "file" "file" { options = { file_path = ${JSON.stringify(auditLogPath)} } }\n`;
  await writeFile(configPath, audit);
  const args = ['server', '-dev', '-dev-no-store-token', `-dev-root-token-id=${ROOT_TOKEN}`];
  args.push(`-dev-listen-address=127.0.0.1:${port}`, `-config=${configPath}`);
  const server = processes.spawn(`vault-${port}`, binary, args, { env });

  async function api<Body>(
    method: string,
    path: string,
    { body, token = ROOT_TOKEN }: VaultRequestOptions = {},
  ): Promise<PlaneResponse<Body>> {
    const send = () =>
      requestJson<Body>(method, new URL(`/v1/${path}`, address), { headers: { 'x-vault-token': token }, body });
    const answer = await send();
    // OpenBao answers so where two transactions meet; nothing was written.
    return answer.status === 500 && answer.text.includes('transaction commit failed') ? send() : answer;
  }
  await waitUntil('OpenBao', async () => {
    if (!server.running) return 'ended';
    return (await api('GET', 'sys/health')).status === 200;
  });
  if (!server.running) throw new Error(`OpenBao ended:\n${await server.logTail()}`);
  await configureKubernetesAuth(plane, api);
  return {
    address,
    rootToken: ROOT_TOKEN,
    auditLogPath,
    api,
    async stop() {
      await server.stop();
    },
  };
}

async function configureKubernetesAuth(plane: PlaneClient, api: Vault['api']): Promise<void> {
  await plane.apply(
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: REVIEWER.serviceAccount, namespace: REVIEWER.namespace },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: REVIEWER.serviceAccount },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
      subjects: [{ kind: 'ServiceAccount', name: REVIEWER.serviceAccount, namespace: REVIEWER.namespace }],
    },
  );
  const reviewerToken = await plane.tokenFor(REVIEWER);
  await succeed(api('POST', 'sys/auth/kubernetes', { body: { type: 'kubernetes' } }));
  await succeed(
    api('POST', 'auth/kubernetes/config', {
      body: {
        kubernetes_host: plane.serverUrl,
        kubernetes_ca_cert: plane.caPem,
        token_reviewer_jwt: reviewerToken,
      },
    }),
  );
}

async function succeed(call: Promise<PlaneResponse<unknown>>): Promise<void> {
  const { status, text } = await call;
  if (status >= 300) throw new Error(`OpenBao answered ${status}: ${text}`);
}
