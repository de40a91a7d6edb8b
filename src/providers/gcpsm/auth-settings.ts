import type { Fields } from '../../fields.ts';
import { audienceProblem } from '../endpoints.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';
import { type Federation, gkeFederation, isClusterPool, parseFederation } from './federation.ts';
import { isServiceAccountEmail } from './impersonation.ts';

/** As whom Google is asked. */
export type AuthSettings =
  | {
      readonly method: 'federation';
      readonly federation: Federation;
      /** Absent: the Pod's. */
      readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
      /** A Google service account that the store names; else the ServiceAccount's annotation decides. */
      readonly impersonate?: string;
      /** Of a GKE cluster's own pool. */
      readonly clusterProject?: string;
    }
  | { readonly method: 'key'; readonly key: SecretKeySelector };

type FederationSettings = Extract<AuthSettings, { method: 'federation' }>;

const METHODS = ['secretRef', 'workloadIdentity', 'workloadIdentityFederation'] as const;
/** They read credentials of the process that asks, or of another cloud, where Latchkey asks as a ServiceAccount. */
const UNSUPPORTED = ['credConfig', 'externalTokenEndpoint', 'awsSecurityCredentials'] as const;
const NOWHERE: Federation = { tokenAudience: '', audience: '', pool: '' };

/** Reads `auth`, in External Secrets' order: a key, the cluster's own pool, another pool. None is the Pod's ServiceAccount. */
export function readAuth(block: Fields, projectId: string, limits: ProviderLimits): AuthSettings {
  const auth = block.object('auth');
  if (auth !== undefined && auth.keys().length > 0 && !METHODS.some((method) => auth.has(method))) {
    auth.problem('', `must name one of ${METHODS.join(', ')}, or nothing for the Pod's ServiceAccount`);
  }
  const methods = [readKey(auth), readWorkloadIdentity(auth, projectId), readFederation(auth, limits)];
  const chosen = methods.find((method) => method !== undefined) ?? readListed(block, limits);
  if (chosen.method === 'federation') checkAudience(block, chosen.federation, limits);
  return chosen;
}

function readKey(auth: Fields | undefined): AuthSettings | undefined {
  const secretRef = auth?.object('secretRef');
  if (secretRef === undefined) return undefined;
  const selector = secretRef.object('secretAccessKeySecretRef');
  if (selector === undefined) {
    secretRef.problem('secretAccessKeySecretRef', 'is required');
    return { method: 'key', key: { kind: 'Secret', name: '', key: '' } };
  }
  const namespace = selector.optionalText('namespace');
  const name = selector.text('name', { example: 'gcp-credentials' });
  const key = selector.text('key', { example: 'key.json' });
  return { method: 'key', key: { kind: 'Secret', ...(namespace !== undefined && { namespace }), name, key } };
}

function readWorkloadIdentity(auth: Fields | undefined, projectId: string): FederationSettings | undefined {
  const fields = auth?.object('workloadIdentity');
  if (fields === undefined) return undefined;
  // External Secrets asks the metadata server of its node for what is missing; whoever answers there is not verified.
  const location = fields.text('clusterLocation', { pattern: /^[a-z0-9-]+$/, example: 'europe-west3' });
  const name = fields.text('clusterName', { pattern: /^[a-z0-9-]+$/, example: 'production' });
  const project = fields.optionalText('clusterProjectID', { pattern: /^[a-z0-9.:-]+$/, example: 'acme-clusters' });
  const federation = gkeFederation({ project: project ?? projectId, location, name });
  const clusterProject = project === undefined ? {} : { clusterProject: project };
  return {
    method: 'federation',
    federation,
    ...clusterProject,
    ...readServiceAccount(fields.object('serviceAccountRef')),
  };
}

function readFederation(auth: Fields | undefined, limits: ProviderLimits): FederationSettings | undefined {
  const fields = auth?.object('workloadIdentityFederation');
  if (fields === undefined) return undefined;
  for (const name of UNSUPPORTED) {
    if (fields.has(name)) fields.problem(name, 'is not supported; name a serviceAccountRef, or none for the Pod');
  }
  const email = fields.optionalText('gcpServiceAccountEmail');
  if (email !== undefined && !isServiceAccountEmail(email)) {
    fields.problem('gcpServiceAccountEmail', 'must be the e-mail address of a Google service account');
  }
  const reference = fields.object('serviceAccountRef');
  return {
    method: 'federation',
    federation: readAudience(fields, reference?.texts('audiences')[0], limits),
    ...readServiceAccount(reference),
    ...(email !== undefined && { impersonate: email }),
  };
}

function readAudience(fields: Fields, tokenAudience: string | undefined, limits: ProviderLimits): Federation {
  if (!fields.has('audience')) return firstListed(limits) ?? missing();
  const text = fields.text('audience');
  return (text === '' ? NOWHERE : parseFederation(text, tokenAudience)) ?? missing();

  function missing(): Federation {
    fields.problem(
      'audience',
      'must be the full name of a workload identity provider: //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER',
    );
    return NOWHERE;
  }
}

/** Nothing is named, so the operator's list decides: its first audience that says by itself which provider to ask. */
function readListed(block: Fields, limits: ProviderLimits): FederationSettings {
  const federation = firstListed(limits);
  if (federation !== undefined) return { method: 'federation', federation };
  const pool = limits.audiences.find(isClusterPool);
  block.problem(
    'auth',
    pool === undefined
      ? "needs an audience, and the operator's list identity.audiences.gcpsm names no workload identity provider"
      : `must name workloadIdentity.clusterLocation and clusterName: the audience "${pool}" alone names no cluster`,
  );
  return { method: 'federation', federation: NOWHERE };
}

function firstListed({ audiences }: ProviderLimits): Federation | undefined {
  return audiences.map((audience) => parseFederation(audience)).find((federation) => federation !== undefined);
}

function checkAudience(block: Fields, { tokenAudience }: Federation, limits: ProviderLimits): void {
  if (tokenAudience === '') return; // told already
  const problem = audienceProblem('gcpsm', tokenAudience, limits.audiences);
  if (problem !== undefined) block.problem('auth', problem);
}

function readServiceAccount(reference: Fields | undefined): Pick<FederationSettings, 'serviceAccount'> {
  if (reference === undefined) return {};
  const namespace = reference.optionalText('namespace');
  const name = reference.text('name', { example: 'api' });
  return { serviceAccount: namespace === undefined ? { name } : { name, namespace } };
}
