import { stringify } from 'yaml';
import type { Plane } from '../plane/plane.ts';

export const SYSTEM_NAMESPACE = 'latchkey-system';
export const RELEASE = 'latchkey';

const CHART = new URL('../../charts/latchkey', import.meta.url).pathname;

export const CACHE_TTL_MS = 5000;

/** Whom Google is told to trust with the cluster's tokens. It stands in the token fence, so every run has it. */
export const GOOGLE_AUDIENCE =
  '//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/clusters/providers/production';

/** Values of the whole run; times are short so that expiry and rotation can be seen. */
export const VALUES = {
  config: {
    delivery: { leaseDuration: '30s' },
    webhook: { ownerCacheTtl: '2s' },
    resolve: { cacheTtl: `${CACHE_TTL_MS}ms`, callTimeout: '5s', circuit: { failures: 1000, open: '1s' } },
    identity: { audiences: { gcpsm: [GOOGLE_AUDIENCE] } },
    stores: { claimUnclassed: true, revalidateEvery: '20s' },
  },
  storeCredentials: {
    items: ['vault-approle', 'remote-cluster'].map((name) => ({ namespace: 'credentials', kind: 'Secret', name })),
  },
} as const;

export async function installChart(plane: Plane): Promise<void> {
  // The chart writes a Role for each listed credential, into the namespace that it stands in.
  await plane.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'credentials' } });
  await upgradeChart(plane, VALUES);
}

/** `helm upgrade --install`, as a user runs it. */
export async function upgradeChart(plane: Plane, values: object): Promise<void> {
  await plane.helm(
    ['upgrade', '--install', RELEASE, CHART, '--namespace', SYSTEM_NAMESPACE, '--create-namespace', '--values', '-'],
    { input: stringify(values) },
  );
}

/** The configuration file as the chart rendered it. */
export async function readChartConfig(plane: Plane): Promise<string> {
  const path = `/api/v1/namespaces/${SYSTEM_NAMESPACE}/configmaps/latchkey-config`;
  const { body } = await plane.request<{ data: Record<string, string> }>('GET', path);
  const text = body.data['latchkey.yaml'];
  if (text === undefined) throw new Error('the chart renders no latchkey.yaml');
  return text;
}
