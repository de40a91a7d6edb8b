import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { apiPath, CONFIG_MAPS, SECRETS } from '../kube/paths.ts';
import { SecretValue } from '../secret-value.ts';
import { createSingleFlight, orAborted } from '../single-flight.ts';
import type { Call, SecretKeySelector } from './store-identity.ts';

/** A selector whose namespace was settled. */
export type PlacedSelector = SecretKeySelector & { readonly namespace: string };

/** What is read, and for whom. */
export type CredentialRead = PlacedSelector & {
  /** What names it, for messages; the store unless told. */
  readonly namedBy?: string;
  /** How old an answer may be, where the usual half minute is too long. */
  readonly maxAgeMs?: number;
};

/** Credentials and CA bundles that stores name, read by name: Latchkey may list no Secrets. */
export interface StoreCredentials {
  /** Throws STORE_CREDENTIAL_UNREADABLE or CLUSTER_UNAVAILABLE. */
  read(selector: CredentialRead, call: Call): Promise<SecretValue>;
}

export interface StoreCredentialsOptions {
  readonly kube: KubeClient;
  /** Milliseconds that never go backwards. */
  readonly now: () => number;
}

interface CachedObject {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly data: ReadonlyMap<string, SecretValue>;
  readonly readAtMs: number;
}

const TTL_MS = 30_000; // how long a rotated credential may still be presented
const MAX_BYTES = 16 * 1024 * 1024; // a Secret holds 1 MiB at most; real ones a few hundred bytes
const ENTRY_OVERHEAD_BYTES = 512;
const REQUEST_TIMEOUT_MS = 10_000;

export function createStoreCredentials({ kube, now }: StoreCredentialsOptions): StoreCredentials {
  const objects = new LRUCache<string, CachedObject>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf });
  const requests = createSingleFlight<CachedObject>();

  return {
    async read(selector, call) {
      const object = await readObject(selector, call);
      checkLabel(object, selector);
      const value = object.data.get(selector.key);
      if (value === undefined)
        throw unreadable(selector, `has no key "${selector.key}"`, `Add the key, or correct ${namerOf(selector)}`);
      return value;
    },
  };

  async function readObject(selector: CredentialRead, call: Call): Promise<CachedObject> {
    const id = JSON.stringify([selector.kind, selector.namespace, selector.name]);
    const cached = objects.get(id);
    if (cached !== undefined && now() - cached.readAtMs < (selector.maxAgeMs ?? TTL_MS)) return cached;

    const request = requests.join(id, async () => {
      objects.delete(id);
      const object = { readAtMs: now(), ...(await fetchObject(kube, selector)) };
      objects.set(id, object);
      return object;
    });
    return orAborted(request, call.signal, () => unavailable(selector));
  }
}

async function fetchObject(kube: KubeClient, selector: CredentialRead): Promise<Omit<CachedObject, 'readAtMs'>> {
  const { kind, namespace, name } = selector;
  const path = apiPath(kind === 'Secret' ? SECRETS : CONFIG_MAPS, { namespace, name });
  try {
    const object = await kube.request({ method: 'GET', path, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const data = kind === 'Secret' ? readData(object, 'data', 'base64') : readConfigMap(object);
    return { data, labels: readLabels(object) };
  } catch (error) {
    throw fromKubeError(error, selector);
  }
}

function checkLabel({ labels }: CachedObject, selector: CredentialRead): void {
  if (selector.label === undefined) return;
  const [name, value] = selector.label;
  if (Object.hasOwn(labels, name) && labels[name] === value) return;
  const hint = `Its owner can allow it: kubectl label ${selector.kind} ${selector.name} -n ${selector.namespace} ${name}=${value}`;
  throw unreadable(selector, `lacks the label ${name}: ${value}, without which it is not presented`, hint);
}

function readLabels(object: unknown): CachedObject['labels'] {
  const metadata = isMapping(object) ? object['metadata'] : undefined;
  const labels = isMapping(metadata) ? metadata['labels'] : undefined;
  return isMapping(labels) ? labels : {};
}

function readConfigMap(object: unknown): ReadonlyMap<string, SecretValue> {
  return new Map([...readData(object, 'binaryData', 'base64'), ...readData(object, 'data', 'utf8')]);
}

function readData(object: unknown, field: string, encoding: 'base64' | 'utf8'): ReadonlyMap<string, SecretValue> {
  const data = isMapping(object) ? object[field] : undefined;
  const values = new Map<string, SecretValue>();
  for (const [key, value] of Object.entries(isMapping(data) ? data : {})) {
    if (typeof value === 'string') values.set(key, new SecretValue(Buffer.from(value, encoding)));
  }
  return values;
}

function sizeOf({ data }: CachedObject, id: string): number {
  let bytes = ENTRY_OVERHEAD_BYTES + id.length;
  for (const [key, value] of data) bytes += key.length + value.size;
  return bytes;
}

function fromKubeError(error: unknown, selector: CredentialRead): LatchkeyError {
  const { kind, namespace, name } = selector;
  switch (error instanceof KubeError ? error.status : 0) {
    case 403: {
      const entry = `{namespace: ${namespace}, kind: ${kind}, name: ${name}}`;
      const resource = kind === 'Secret' ? 'secrets' : 'configmaps';
      const hint = `Add ${entry} to storeCredentials.items in the chart's values, or bind Latchkey's ServiceAccounts to a Role in namespace "${namespace}" with verb get on ${resource}, resourceNames: [${name}]`;
      return unreadable(selector, 'may not be read by Latchkey', hint, error);
    }
    case 404:
      return unreadable(selector, 'does not exist', `Create it, or correct ${namerOf(selector)}`, error);
    default:
      return unavailable(selector, error);
  }
}

function unreadable(selector: CredentialRead, what: string, hint: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('STORE_CREDENTIAL_UNREADABLE', `${titleOf(selector)} ${what}`, { hint, cause });
}

function unavailable(selector: CredentialRead, cause?: unknown): LatchkeyError {
  return new LatchkeyError('CLUSTER_UNAVAILABLE', `${titleOf(selector)} could not be read from the API server`, {
    hint: 'It is tried again with the next Pod',
    cause,
  });
}

function titleOf(selector: CredentialRead): string {
  const { kind, namespace, name } = selector;
  return `${kind} ${namespace}/${name}, which ${namerOf(selector)} names,`;
}

function namerOf({ namedBy = 'the store' }: CredentialRead): string {
  return namedBy;
}
