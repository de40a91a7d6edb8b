import { isMapping } from '../fields.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { type KubeObject, parseKubeObject } from '../kube/kube-object.ts';
import { apiPath, SECRETS } from '../kube/paths.ts';
import { SecretValue } from '../secret-value.ts';
import { clusterFailure } from './cluster-failure.ts';

/** Where one of our own two Secrets is: the certificate authority's and the path token's. */
export interface OwnSecretPlace {
  readonly kube: KubeClient;
  readonly namespace: string;
  readonly name: string;
}

export interface OwnSecret {
  readonly object: KubeObject;
  readonly values: ReadonlyMap<string, SecretValue>;
}

/** Reads it by its name, the only way in which we may read a Secret. Undefined where it does not exist. */
export async function readOwnSecret(place: OwnSecretPlace, signal: AbortSignal): Promise<OwnSecret | undefined> {
  const { kube, namespace, name } = place;
  try {
    return parseOwnSecret(await kube.request({ method: 'GET', path: apiPath(SECRETS, { namespace, name }), signal }));
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw clusterFailure(error, `Secret ${namespace}/${name}`);
  }
}

/** Creates it, or replaces the one that was read; a 409 tells that somebody else was faster. */
export async function writeOwnSecret(
  place: OwnSecretPlace,
  metadata: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, SecretValue>>,
  signal: AbortSignal,
): Promise<void> {
  const { kube, namespace, name } = place;
  const isNew = metadata['resourceVersion'] === undefined;
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { ...metadata, name, namespace },
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toBase64(value)])),
  };
  try {
    const path = apiPath(SECRETS, { namespace, name: isNew ? undefined : name });
    await kube.request({ method: isNew ? 'POST' : 'PUT', path, body, signal });
  } catch (error) {
    throw clusterFailure(error, `Secret ${namespace}/${name}`);
  }
}

function parseOwnSecret(answer: unknown): OwnSecret {
  const object = parseKubeObject(answer);
  if (object === undefined) throw new KubeError(0, 'InvalidAnswer', 'GET of a Secret answered no object');
  const data = isMapping(object['data']) ? object['data'] : {};
  const values = new Map<string, SecretValue>();
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'string') values.set(key, new SecretValue(Buffer.from(value, 'base64')));
  }
  return { object, values };
}

function toBase64(value: SecretValue): string {
  return Buffer.from(value.expose()).toString('base64');
}
