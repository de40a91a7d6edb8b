import { isMapping } from '../../src/fields.ts';
import { runLatchkey } from './run-latchkey.ts';

export interface PrintedGrant {
  readonly purpose: string;
  readonly language: string;
  readonly optional: boolean;
  readonly text: string;
}

export interface Printed {
  readonly reader: object;
  readonly usedBy: readonly string[];
  readonly grants: readonly PrintedGrant[];
}

export function store(name: string, provider: object, kind = 'SecretStore'): object {
  const metadata = kind === 'SecretStore' ? { name, namespace: 'payments' } : { name };
  return { apiVersion: 'external-secrets.io/v1', kind, metadata, spec: { provider } };
}

export function account(name: string, annotations: object = {}): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'payments', annotations } };
}

export function pod(name: string, serviceAccountName: string, ...values: readonly string[]): object {
  const env = values.map((value, index) => ({ name: `V${index}`, value }));
  const metadata = { name, namespace: 'payments' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { serviceAccountName, containers: [{ name: 'app', env }] } };
}

export function vaultStore(name: string, block: object = {}): object {
  const vault = {
    server: 'https://vault.example.com',
    path: 'secret',
    auth: { kubernetes: { role: 'api' } },
    ...block,
  };
  return store(name, { vault });
}

/** Runs the command over the manifests. */
export function permissions(manifests: readonly object[], ...options: readonly string[]) {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  return runLatchkey(['permissions', '-f', '-', ...options], input);
}

/** What it prints for programs. */
export async function printed(manifests: readonly object[], ...options: readonly string[]) {
  const { stdout } = await permissions(manifests, '-o', 'json', ...options);
  const all: unknown = JSON.parse(stdout);
  if (!isMapping(all) || !Array.isArray(all['permissions'])) throw new Error(stdout);
  return all['permissions'] as readonly Printed[];
}
