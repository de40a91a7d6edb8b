import { randomBytes } from 'node:crypto';
import { isMapping } from '../../fields.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type KubeClient, KubeError, type KubeRequest } from '../client.ts';
import type { KubeObject } from '../kube-object.ts';
import { discover } from './discovery.ts';
import { updateOwners } from './field-owners.ts';
import type { Json } from './field-path.ts';
import { createTokenIssuer } from './issue-token.ts';
import { listObjects } from './list-objects.ts';
import { withManagedFields } from './managed-fields.ts';
import { createObjectStore } from './object-store.ts';
import { badRequest, notFound, notImplemented } from './refusals.ts';
import { isBuiltIn, parseTarget, type RequestTarget } from './request-target.ts';
import { createResourceTable } from './resource-table.ts';
import { isMetadataOnly, shape, shapeEvent } from './shape-object.ts';
import { assemble, metadataOf, newSystemMetadata, systemMetadataOf, uidOfManifest } from './system-metadata.ts';
import { normalize, validate } from './validate-object.ts';
import { createWatchHub } from './watch-objects.ts';
import { createObjectWriter } from './write-object.ts';

export interface MemoryClusterOptions {
  readonly clock?: Clock;
  /** Called before each request, and each watch as a GET; what it throws is the answer. */
  readonly onRequest?: (request: KubeRequest) => void | Promise<void>;
  /** Groups that are not served, as if their CRDs were not installed. */
  readonly without?: readonly string[];
  /** How many changes a watch can catch up on before it gets 410. */
  readonly historyLimit?: number;
}

/** An API server in memory, for offline commands and for tests. */
export interface MemoryCluster extends KubeClient {
  /** Stores manifests as they are, with their status; Namespaces that they need come along. */
  seed(...manifests: readonly unknown[]): void;
  /** Everything of a kind, in the stored version. */
  objects(apiVersion: string, kind: string): readonly KubeObject[];
  find(apiVersion: string, kind: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Sends a bookmark to every open watch that asked for them. */
  bookmark(): void;
  /** Breaks every open watch as a lost connection would. */
  disconnect(): void;
}

/**
 * Serves get, list, watch, create, replace, delete, the four patches, the status subresource, TokenRequest and discovery
 * with the API server's rules for versions, owners of fields and names; everything else is refused with 501. There are no
 * schemas, defaults or admission beyond those of metadata, Secrets and Leases, no controllers but the one that gives each
 * Namespace its `default` ServiceAccount, and managedFields only in answers to patches that ask for metadata alone.
 */
export function createMemoryCluster(
  manifests: readonly unknown[] = [],
  options: MemoryClusterOptions = {},
): MemoryCluster {
  const { clock = systemClock, onRequest, without = [], historyLimit = 10_000 } = options;
  const table = createResourceTable(without);
  const store = createObjectStore(historyLimit);
  const namespaces = table.byKind('v1', 'Namespace', false);
  const serviceAccounts = table.byKind('v1', 'ServiceAccount', true);
  const pods = table.byKind('v1', 'Pod', true);
  const writer = createObjectWriter(store, namespaces, clock);
  const tokens = createTokenIssuer({ store, serviceAccounts, pods, clock, key: randomBytes(32) });
  const hub = createWatchHub(store);
  store.subscribe(({ resource, before, after }) => {
    if (resource === namespaces && before === undefined && after !== undefined) seedDefaultAccount(after.metadata.name);
  });
  seed(...manifests);

  return {
    async request(request) {
      request.signal?.throwIfAborted();
      await onRequest?.(request);
      request.signal?.throwIfAborted();
      return structuredClone(answer(request));
    },

    async *watch(watch) {
      watch.signal.throwIfAborted();
      await onRequest?.({ method: 'GET', path: watch.path, query: { ...watch.query, watch: '1' } });
      const target = parseTarget(watch.path, table);
      for await (const event of hub.watch(target, watch))
        yield structuredClone(shapeEvent(target, event, watch.accept));
    },

    seed,
    objects: (apiVersion, kind) => structuredClone(store.list(table.byKind(apiVersion, kind, true), undefined)),
    find(apiVersion, kind, namespace, name) {
      const resource = table.byKind(apiVersion, kind, namespace !== undefined);
      return structuredClone(store.get(resource, namespace, name)?.object);
    },
    bookmark: () => hub.bookmark(),
    disconnect: () => hub.disconnect(),
  };

  function answer(request: KubeRequest): unknown {
    const discovered = request.method === 'GET' ? discover(request.path, table) : undefined;
    if (discovered !== undefined) return discovered;
    const target = parseTarget(request.path, table);
    const { resource, namespace, name, subresource } = target;
    if (subresource === 'token' && resource === serviceAccounts && request.method === 'POST') {
      return tokens.issue({ namespace: namespace ?? '', name: name ?? '' }, request.body);
    }
    const isServed = subresource === undefined || (subresource === 'status' && resource.hasStatus);
    if (!isServed) throw notImplemented(`the subresource ${resource.plural}/${subresource}`);
    if (name === undefined && request.method === 'GET') return listObjects(store, target, request);
    const object = toObject(target, request);
    if (object === undefined) return { kind: 'Status', apiVersion: 'v1', status: 'Success' };
    const isPatchOfMetadata = request.method === 'PATCH' && isMetadataOnly(request.accept);
    const owners = isPatchOfMetadata ? store.get(resource, namespace, name ?? '')?.owners : undefined;
    return shape(target, owners === undefined ? object : withManagedFields(object, owners), request.accept);
  }

  /** The object that answers a request; a deletion leaves none. */
  function toObject(target: RequestTarget, request: KubeRequest): KubeObject | undefined {
    const isCollection = target.name === undefined;
    switch (request.method) {
      case 'GET':
        return read(target);
      case 'POST':
        if (!isCollection || (target.resource.namespaced && target.namespace === undefined)) break;
        return writer.create(target, request);
      case 'PUT':
        if (isCollection) break;
        return writer.replace(target, request);
      case 'PATCH':
        if (isCollection) break;
        return writer.patch(target, request);
      case 'DELETE':
        if (isCollection) throw notImplemented('deleting a collection');
        return writer.remove(target, request);
    }
    throw new KubeError(405, 'MethodNotAllowed', `${request.method} is not allowed on ${request.path}`);
  }

  function read({ resource, namespace, name = '' }: RequestTarget): KubeObject {
    const stored = store.get(resource, namespace, name);
    if (stored === undefined) throw notFound(resource.plural, name);
    return stored.object;
  }

  function seed(...objects: readonly unknown[]): void {
    for (const object of objects) {
      if (!isMapping(object)) throw badRequest('a manifest must be an object');
      if (Array.isArray(object['items'])) seed(...(object['items'] as readonly unknown[]));
      else seedOne(object);
    }
  }

  function seedOne(manifest: Json): void {
    const { apiVersion, kind } = manifest;
    const { name, namespace: given, uid } = metadataOf(manifest);
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') {
      throw badRequest('a manifest needs apiVersion, kind and metadata.name');
    }
    const resource = table.byKind(apiVersion, kind, given !== undefined);
    const namespace = resource.namespaced ? (typeof given === 'string' ? given : 'default') : undefined;
    if (namespace !== undefined) seedNamespace(namespace);
    const before = store.get(resource, namespace, name)?.object;
    const fresh = {
      ...newSystemMetadata(resource, { namespace, name }, clock.date()),
      uid: uidOfManifest(resource, namespace, name),
    };
    const system = before === undefined ? fresh : systemMetadataOf(before);
    const own = typeof uid === 'string' ? { uid } : {};
    const object = assemble(resource, normalize(resource, structuredClone(manifest)), { ...system, ...own });
    validate(resource, object, undefined);
    // As if somebody had applied it with kubectl, so that another manager's apply of other values is a conflict.
    const owners = updateOwners({ object: {}, owners: new Map() }, object, 'kubectl', isBuiltIn(resource));
    store.put(resource, { object, owners });
  }

  function seedNamespace(name: string): void {
    if (store.get(namespaces, undefined, name) !== undefined) return;
    seedOne({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  function seedDefaultAccount(namespace: string): void {
    if (store.get(serviceAccounts, namespace, 'default') !== undefined) return;
    seedOne({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
  }
}
