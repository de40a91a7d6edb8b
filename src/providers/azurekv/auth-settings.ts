import type { Fields } from '../../fields.ts';
import { audienceProblem } from '../endpoints.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';

/** As whom Microsoft Entra is asked. */
export type AuthSettings =
  | {
      /** A token of a ServiceAccount, for the application or managed identity that its annotations name. */
      readonly method: 'workloadIdentity';
      readonly audience: string;
      /** Absent: the Pod's. */
      readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
      /** Instead of the annotations. */
      readonly clientId?: SecretKeySelector;
      readonly tenantId?: SecretKeySelector;
    }
  | {
      readonly method: 'servicePrincipal';
      readonly clientId: SecretKeySelector;
      readonly tenantId?: SecretKeySelector;
      readonly proof: { readonly kind: 'secret' | 'certificate'; readonly selector: SecretKeySelector };
    }
  | {
      /** The identity of the node Latchkey itself runs on. */
      readonly method: 'managedIdentity';
      /** Client id of a user-assigned identity; absent: the node's system-assigned one. */
      readonly identityId?: string;
      readonly imdsUrl: string;
    };

const TYPES = ['ServicePrincipal', 'ManagedIdentity', 'WorkloadIdentity'] as const;
const NOWHERE: SecretKeySelector = { kind: 'Secret', name: '', key: '' };

/**
 * Reads `authType` and what belongs to it. A store with neither `authType` nor `authSecretRef` names no identity: it is read
 * as the Pod's ServiceAccount, where External Secrets, which has no Pod, asks for a service principal.
 */
export function readAuth(block: Fields, limits: ProviderLimits): AuthSettings {
  const type = block.oneOf('authType', TYPES, block.has('authSecretRef') ? 'ServicePrincipal' : 'WorkloadIdentity');
  const identityId = block.optionalText('identityId', { example: '7f3c1c9e-8f5e-4b0a-9d0e-2d7f0c9a1b11' });
  switch (type) {
    case 'WorkloadIdentity':
      return readWorkloadIdentity(block, limits);
    case 'ServicePrincipal':
      return readServicePrincipal(block);
    case 'ManagedIdentity':
      return readManagedIdentity(block, identityId, limits);
  }
}

function readWorkloadIdentity(block: Fields, limits: ProviderLimits): AuthSettings {
  const reference = block.object('serviceAccountRef');
  const secretRef = block.object('authSecretRef');
  const clientId = secretRef && readSelector(secretRef, 'clientId');
  const tenantId = secretRef?.has('tenantId') === true ? readSelector(secretRef, 'tenantId') : undefined;
  const namespace = reference?.optionalText('namespace');
  return {
    method: 'workloadIdentity',
    audience: readAudience(block, reference, limits),
    ...(reference !== undefined && {
      serviceAccount: {
        name: reference.text('name', { example: 'api' }),
        ...(namespace !== undefined && { namespace }),
      },
    }),
    ...(clientId !== undefined && { clientId }),
    ...(tenantId !== undefined && { tenantId }),
  };
}

function readAudience(block: Fields, reference: Fields | undefined, limits: ProviderLimits): string {
  const asked = reference?.texts('audiences') ?? [];
  for (const audience of asked) {
    const problem = audienceProblem('azurekv', audience, limits.audiences);
    if (problem !== undefined) reference?.problem('audiences', problem);
  }
  const audience = asked[0] ?? limits.audiences[0];
  if (audience === undefined) {
    block.problem('', "needs an audience, and the operator's list identity.audiences.azurekv is empty");
  }
  return audience ?? '';
}

function readServicePrincipal(block: Fields): AuthSettings {
  const secretRef = block.object('authSecretRef');
  if (secretRef === undefined) {
    block.problem(
      'authSecretRef',
      "is required with authType: ServicePrincipal; WorkloadIdentity reads as the Pod's ServiceAccount",
    );
    return { method: 'servicePrincipal', clientId: NOWHERE, proof: { kind: 'secret', selector: NOWHERE } };
  }
  const kinds = (['clientSecret', 'clientCertificate'] as const).filter((name) => secretRef.has(name));
  if (kinds.length !== 1) secretRef.problem('', 'must name one of clientSecret and clientCertificate');
  const [selector = NOWHERE] = kinds.map((name) => readSelector(secretRef, name));
  return {
    method: 'servicePrincipal',
    clientId: readSelector(secretRef, 'clientId'),
    ...(secretRef.has('tenantId') && { tenantId: readSelector(secretRef, 'tenantId') }),
    proof: { kind: kinds[0] === 'clientCertificate' ? 'certificate' : 'secret', selector },
  };
}

function readManagedIdentity(block: Fields, identityId: string | undefined, limits: ProviderLimits): AuthSettings {
  const imdsUrl = limits.endpointUrls?.['imds'];
  if (imdsUrl === undefined) {
    block.problem(
      'authType',
      "must not be ManagedIdentity: it is read with the identity of Latchkey's own node, which the operator has not allowed (identity.endpointUrls.azurekv.imds)",
    );
  }
  return {
    method: 'managedIdentity',
    ...(identityId !== undefined && { identityId }),
    imdsUrl: (imdsUrl ?? '').replace(/\/+$/, ''),
  };
}

function readSelector(secretRef: Fields, field: string): SecretKeySelector {
  const fields = secretRef.object(field);
  if (fields === undefined) {
    secretRef.problem(field, 'is required');
    return NOWHERE;
  }
  const namespace = fields.optionalText('namespace');
  return {
    kind: 'Secret',
    ...(namespace !== undefined && { namespace }),
    name: fields.text('name', { example: 'azure-credentials' }),
    key: fields.text('key', { example: 'client-secret' }),
  };
}
