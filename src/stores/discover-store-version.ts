import { isMapping } from '../fields.ts';
import type { KubeClient } from '../kube/client.ts';
import { isNotFound } from '../kube/kube-error.ts';

const GROUP = 'external-secrets.io';
/** The best first; one shape, so either will do. */
const VERSIONS = ['v1', 'v1beta1'];

/** The apiVersion to read stores in; undefined where the cluster serves none that we know. */
export async function discoverStoreVersion(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  const served = await readServedVersions(client, signal);
  const version = VERSIONS.find((one) => served.includes(one));
  return version === undefined ? undefined : `${GROUP}/${version}`;
}

async function readServedVersions(client: KubeClient, signal: AbortSignal): Promise<readonly unknown[]> {
  try {
    const group = await client.request({ method: 'GET', path: `/apis/${GROUP}`, signal });
    const versions = isMapping(group) && Array.isArray(group['versions']) ? group['versions'] : [];
    return versions.map((entry: unknown) => (isMapping(entry) ? entry['version'] : undefined));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
