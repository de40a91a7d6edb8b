import { KubeError } from './client.ts';

/** A kind of object and where it is served. */
export interface Resource {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** Plural and lower case, as in paths. */
  readonly plural: string;
}

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

export const PODS: Resource = { apiVersion: 'v1', plural: 'pods' };
export const SECRETS: Resource = { apiVersion: 'v1', plural: 'secrets' };
export const CONFIG_MAPS: Resource = { apiVersion: 'v1', plural: 'configmaps' };
export const NAMESPACES: Resource = { apiVersion: 'v1', plural: 'namespaces' };
export const SERVICE_ACCOUNTS: Resource = { apiVersion: 'v1', plural: 'serviceaccounts' };
export const REPLICA_SETS: Resource = { apiVersion: 'apps/v1', plural: 'replicasets' };
export const STATEFUL_SETS: Resource = { apiVersion: 'apps/v1', plural: 'statefulsets' };
export const DAEMON_SETS: Resource = { apiVersion: 'apps/v1', plural: 'daemonsets' };
export const CONTROLLER_REVISIONS: Resource = { apiVersion: 'apps/v1', plural: 'controllerrevisions' };
export const JOBS: Resource = { apiVersion: 'batch/v1', plural: 'jobs' };
export const CRON_JOBS: Resource = { apiVersion: 'batch/v1', plural: 'cronjobs' };
export const LEASES: Resource = { apiVersion: 'coordination.k8s.io/v1', plural: 'leases' };
export const EVENTS: Resource = { apiVersion: 'events.k8s.io/v1', plural: 'events' };
export const MUTATING_WEBHOOKS: Resource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  plural: 'mutatingwebhookconfigurations',
};
export const VALIDATING_WEBHOOKS: Resource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  plural: 'validatingwebhookconfigurations',
};

/** The path of a collection, an object or a subresource: `apiPath(PODS, { namespace, name, subresource: 'status' })`. */
export function apiPath(resource: Resource, place: Place = {}): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const segments = resource.apiVersion.split('/');
  if (place.namespace !== undefined) segments.push('namespaces', place.namespace);
  segments.push(resource.plural);
  if (place.name !== undefined) segments.push(place.name);
  if (place.subresource !== undefined) segments.push(place.subresource);
  return `${root}/${segments.map(encodeSegment).join('/')}`;
}

function encodeSegment(segment: string): string {
  // URL parsers resolve dots even when they are escaped, so a name of dots would address another object.
  if (segment === '' || segment === '.' || segment === '..') {
    throw new KubeError(400, 'BadRequest', 'a name in a path is empty or consists of dots');
  }
  return encodeURIComponent(segment);
}
