import { isMapping } from '../../fields.ts';
import type { KubeRequest } from '../client.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Json } from './field-path.ts';
import { jsonPatched, mergePatched, strategicMergePatched } from './patches.ts';
import { badRequest, unsupportedMediaType } from './refusals.ts';
import { isBuiltIn, type RequestTarget } from './request-target.ts';
import { type ServedResource, splitVersion } from './resource-table.ts';
import { metadataOf } from './system-metadata.ts';
import { normalize } from './validate-object.ts';

/** The object in a body, copied: what the caller does with its own later is no write. */
export function readBody({ resource, version, namespace }: RequestTarget, body: unknown): Json {
  const object: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  if (!isMapping(object)) throw badRequest('the body must be an object');
  const { apiVersion, kind } = object;
  const given = typeof apiVersion === 'string' ? splitVersion(apiVersion) : undefined;
  if (kind !== resource.kind || given?.group !== resource.group || given.version !== version) {
    throw badRequest(`the body must be a ${resource.kind} in the version of the URL`);
  }
  const inBody = metadataOf(object)['namespace'];
  if (inBody !== undefined && inBody !== namespace) {
    throw badRequest('the namespace of the object does not match the namespace on the URL');
  }
  return object;
}

/** The object as a patch other than an apply leaves it. */
export function patched(resource: ServedResource, live: KubeObject, request: KubeRequest): Json {
  const copy: unknown = JSON.parse(JSON.stringify(request.body ?? null));
  const result = patchWith(resource, live, request.contentType ?? '', copy);
  if (!isMapping(result)) throw badRequest('the patch leaves no object');
  return result;
}

/** What an apply names: a default that the server fills in is no field of the one who applies. */
export function applied(resource: ServedResource, body: Json): Json {
  const { type, ...normal } = normalize(resource, body);
  return body['type'] === undefined ? normal : { ...normal, type };
}

function patchWith(resource: ServedResource, live: KubeObject, contentType: string, body: unknown): unknown {
  switch (contentType) {
    case 'application/merge-patch+json':
      return mergePatched(live, body);
    case 'application/json-patch+json':
      return jsonPatched(live, body);
    case 'application/strategic-merge-patch+json':
      if (isBuiltIn(resource)) return strategicMergePatched(live, body);
      break;
    default:
  }
  throw unsupportedMediaType(contentType);
}
