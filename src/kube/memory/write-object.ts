import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../../fields.ts';
import { KubeError, type KubeRequest } from '../client.ts';
import type { Clock } from '../clock.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyFields, type FieldOwners, type Owned, updateOwners } from './field-owners.ts';
import type { FieldPath, Json } from './field-path.ts';
import type { ObjectStore, Stored } from './object-store.ts';
import { patchedOwners, withManagedFields } from './managed-fields.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound } from './refusals.ts';
import { applied, patched, readBody } from './request-body.ts';
import { isBuiltIn, type RequestTarget } from './request-target.ts';
import type { ServedResource } from './resource-table.ts';
import {
  assemble,
  finalizersOf,
  generatedSuffix,
  metadataOf,
  newSystemMetadata,
  systemMetadataOf,
  toSeconds,
} from './system-metadata.ts';
import { normalize, validate } from './validate-object.ts';

/** Without a fieldManager the API server takes the user agent's name. */
const UNNAMED_MANAGER = 'unknown';
const NOTHING: Owned = { object: {}, owners: new Map() };

export interface ObjectWriter {
  create(target: RequestTarget, request: KubeRequest): KubeObject;
  replace(target: RequestTarget, request: KubeRequest): KubeObject;
  patch(target: RequestTarget, request: KubeRequest): KubeObject;
  /** `undefined` when the object is gone, not when finalizers hold it. */
  remove(target: RequestTarget, request: KubeRequest): KubeObject | undefined;
}

/** The writing half of an API server. Each method answers with the object as it is, or in a dry run would be, afterwards. */
export function createObjectWriter(store: ObjectStore, namespaces: ServedResource, clock: Clock): ObjectWriter {
  return { create, replace, patch, remove };

  function create(target: RequestTarget, request: KubeRequest): KubeObject {
    const body = readBody(target, request.body);
    const { name = generateName(body), resourceVersion } = metadataOf(body);
    if (typeof name !== 'string') throw invalid('metadata.name', 'name or generateName is required');
    // The API server really calls this an internal error.
    if (resourceVersion !== undefined) throw new KubeError(500, 'InternalError', 'resourceVersion should not be set');
    if (find(target, name) !== undefined) throw alreadyExists(target.resource.plural, name);
    const fields = pick(normalize(target.resource, body), partOf(target));
    const owners = updateOwners(NOTHING, fields, managerOf(request), isBuiltIn(target.resource));
    return settle({ ...target, name }, undefined, { object: fields, owners }, request);
  }

  function replace(target: RequestTarget, request: KubeRequest): KubeObject {
    const body = readBody(target, request.body);
    const { resourceVersion, name } = metadataOf(body);
    if (name !== target.name) throw badRequest('the name of the object does not match the name on the URL');
    if (resourceVersion === undefined && target.resource.needsVersion) {
      throw invalid('metadata.resourceVersion', 'must be specified for an update');
    }
    const live = existing(target);
    requireUid(live.object, metadataOf(body));
    return update(target, live, body, request);
  }

  function patch(target: RequestTarget, request: KubeRequest): KubeObject {
    if (request.contentType === 'application/apply-patch+yaml') return apply(target, request);
    const live = existing(target);
    const body = patched(target.resource, withManagedFields(live.object, live.owners), request);
    keepsUid(live.object, metadataOf(body));
    return update(target, live, body, request, patchedOwners(body, live.owners));
  }

  function update(
    target: RequestTarget,
    live: Stored,
    body: Json,
    request: KubeRequest,
    named: FieldOwners = live.owners,
  ): KubeObject {
    requireVersion(live.object, metadataOf(body));
    const within = partOf(target);
    const fields = {
      ...pick(live.object, (path) => !within(path)),
      ...pick(normalize(target.resource, body), within),
    };
    const owners = updateOwners({ ...live, owners: named }, fields, managerOf(request), isBuiltIn(target.resource));
    return settle(target, live, { object: fields, owners }, request);
  }

  function apply(target: RequestTarget, request: KubeRequest): KubeObject {
    const manager = request.query?.['fieldManager'] ?? '';
    if (manager === '') throw invalid('fieldManager', 'is required for apply patch');
    const body = readBody(target, request.body);
    const { name = target.name, uid } = metadataOf(body);
    if (name !== target.name) throw badRequest('metadata.name does not match the name on the URL');
    const live = find(target, target.name ?? '');
    if (live !== undefined) {
      requireVersion(live.object, metadataOf(body));
      keepsUid(live.object, metadataOf(body));
    } else if (target.subresource !== undefined) throw notFound(target.resource.plural, target.name ?? '');
    else if (uid !== undefined) throw conflict('uid mismatch: no existing object was found');

    const merged = applyFields(live ?? NOTHING, applied(target.resource, body), {
      manager,
      force: request.query?.['force'] === 'true',
      isBuiltIn: isBuiltIn(target.resource),
      within: partOf(target),
    });
    return settle(target, live, { ...merged, object: normalize(target.resource, merged.object) }, request);
  }

  function remove(target: RequestTarget, request: KubeRequest): KubeObject | undefined {
    const { object, owners } = existing(target);
    const conditions = isMapping(request.body) ? request.body['preconditions'] : undefined;
    if (isMapping(conditions)) {
      requireUid(object, conditions);
      requireVersion(object, conditions);
    }
    if (finalizersOf(object).length === 0) {
      if (!isDryRun(request)) store.remove(target.resource, object);
      return undefined;
    }
    if (isDryRun(request)) return object;
    if (object.metadata.deletionTimestamp !== undefined) return object;
    const deletionTimestamp = toSeconds(clock.date());
    return store.put(target.resource, {
      object: { ...object, metadata: { ...object.metadata, deletionTimestamp } },
      owners,
    });
  }

  /** Validates and stores. A write that changes nothing gets no new resourceVersion. */
  function settle(target: RequestTarget, live: Stored | undefined, next: Owned, request: KubeRequest): KubeObject {
    const { resource, namespace, name = '' } = target;
    if (live === undefined) requireNamespace(namespace);
    const system =
      live === undefined
        ? newSystemMetadata(resource, { namespace, name }, clock.date())
        : systemMetadataOf(live.object);
    const same = assemble(resource, next.object, system);
    validateFor(request, () => validate(resource, same, live?.object));
    if (live !== undefined && isDeepStrictEqual(same, live.object) && isDeepStrictEqual(next.owners, live.owners)) {
      return live.object;
    }
    const isNewSpec =
      live !== undefined && resource.hasGeneration && !isDeepStrictEqual(specOf(same), specOf(live.object));
    const generation = isNewSpec ? { generation: (system.generation ?? 0) + 1 } : {};
    const object = { ...same, metadata: { ...same.metadata, ...generation } };
    // What is not stored has no version.
    if (isDryRun(request)) return live === undefined ? withoutVersion(object) : object;
    const stored = store.put(resource, { object, owners: next.owners });
    if (stored.metadata.deletionTimestamp !== undefined && finalizersOf(stored).length === 0)
      store.remove(resource, stored);
    return stored;
  }

  function find({ resource, namespace }: RequestTarget, name: string): Stored | undefined {
    return store.get(resource, namespace, name);
  }

  function existing(target: RequestTarget): Stored {
    const found = find(target, target.name ?? '');
    if (found === undefined) throw notFound(target.resource.plural, target.name ?? '');
    return found;
  }

  function requireNamespace(namespace: string | undefined): void {
    if (namespace === undefined || store.get(namespaces, undefined, namespace) !== undefined) return;
    throw notFound('namespaces', namespace);
  }
}

/** What cannot be decoded is a bad request in a whole object, and an invalid result of a patch. */
function validateFor(request: KubeRequest, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (request.method !== 'PATCH' || !(error instanceof KubeError) || error.status !== 400) throw error;
    throw invalid('patch', error.message);
  }
}

function requireVersion(live: KubeObject, { resourceVersion }: Json): void {
  if (resourceVersion === undefined || resourceVersion === live.metadata.resourceVersion) return;
  throw conflict('the object has been modified; please apply your changes to the latest version and try again');
}

function requireUid(live: KubeObject, { uid }: Json): void {
  if (uid !== undefined && uid !== live.metadata.uid) throw conflict('Precondition failed: the object has another uid');
}

/** A patch that names another uid would change it. */
function keepsUid(live: KubeObject, { uid }: Json): void {
  if (uid !== undefined && uid !== live.metadata.uid) throw invalid('metadata.uid', 'field is immutable');
}

/** Which part of the object a request may write. */
function partOf({ resource, subresource }: RequestTarget): (path: FieldPath) => boolean {
  if (subresource === 'status') return ([first]) => first === 'status';
  return resource.hasStatus ? ([first]) => first !== 'status' : () => true;
}

function pick(object: Json, within: (path: FieldPath) => boolean): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => within([key])));
}

function withoutVersion(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: '' } };
}

function specOf(object: Json): Json {
  return pick(object, ([first]) => first !== 'metadata' && first !== 'status');
}

function generateName(body: Json): string | undefined {
  const prefix = metadataOf(body)['generateName'];
  return typeof prefix === 'string' && prefix !== '' ? prefix + generatedSuffix() : undefined;
}

function managerOf(request: KubeRequest): string {
  return request.query?.['fieldManager'] ?? UNNAMED_MANAGER;
}

function isDryRun(request: KubeRequest): boolean {
  return request.query?.['dryRun'] === 'All';
}
