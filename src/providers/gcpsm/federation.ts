import type { ServiceAccountFacts } from '../provider.ts';

/** A workload identity pool, and how Google's STS is asked to let a ServiceAccount of the cluster in through it. */
export interface Federation {
  /** What the ServiceAccount's token must be for; the operator lists it. */
  readonly tokenAudience: string;
  /** What STS is asked for: which pool, and which provider in it. */
  readonly audience: string;
  /** Resource name of a pool of one's own, or the name of a cluster's pool (`PROJECT.svc.id.goog`). */
  readonly pool: string;
}

export interface GkeCluster {
  readonly project: string;
  readonly location: string;
  readonly name: string;
}

const PROVIDER =
  /^(?:https:)?(\/\/iam\.googleapis\.com\/(projects\/\d+\/locations\/global\/workloadIdentityPools\/[^/\s]+)\/providers\/[^/\s]+)$/;
const CLUSTER_POOL = /^[a-z0-9][a-z0-9.:-]*\.(?:svc|hub)\.id\.goog$/;
const CLUSTER_PROVIDER = /^identitynamespace:(\S+\.id\.goog):https:\/\/\S+$/;

/** Whether the audience is that of a cluster's pool, which alone does not say which cluster asks. */
export function isClusterPool(audience: string): boolean {
  return CLUSTER_POOL.test(audience);
}

/**
 * Reads a provider's full name (`//iam.googleapis.com/projects/…/providers/…`), or a cluster's or fleet's
 * (`identitynamespace:POOL:https://…`). `tokenAudience` stands in where the provider allows one of its own.
 */
export function parseFederation(audience: string, tokenAudience?: string): Federation | undefined {
  const [, provider, pool] = PROVIDER.exec(audience) ?? [];
  if (provider !== undefined && pool !== undefined) {
    return { tokenAudience: tokenAudience ?? audience, audience: provider, pool };
  }
  const [, clusterPool] = CLUSTER_PROVIDER.exec(audience) ?? [];
  if (clusterPool === undefined || !isClusterPool(clusterPool)) return undefined;
  return { tokenAudience: tokenAudience ?? clusterPool, audience, pool: clusterPool };
}

/** The pool that every GKE cluster of a project has. */
export function gkeFederation({ project, location, name }: GkeCluster): Federation {
  const pool = `${project}.svc.id.goog`;
  const provider = `https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`;
  return { tokenAudience: pool, audience: `identitynamespace:${pool}:${provider}`, pool };
}

/** The member that IAM policies grant roles to; the usual mapping `google.subject=assertion.sub` taken for granted. */
export function memberOf(
  { pool }: Federation,
  { namespace, name }: Pick<ServiceAccountFacts, 'namespace' | 'name'>,
): string {
  if (isClusterPool(pool)) return `serviceAccount:${pool}[${namespace}/${name}]`;
  return `principal://iam.googleapis.com/${pool}/subject/system:serviceaccount:${namespace}:${name}`;
}
