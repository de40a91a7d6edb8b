import { LatchkeyError } from '../../errors.ts';
import type { ServiceAccountFacts } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';

/** Whose client id and tenant a ServiceAccount's token is exchanged for; what is undefined lies in a Secret of the store's. */
export interface Principal {
  readonly clientId: string | undefined;
  readonly tenantId: string | undefined;
}

/** What Azure Workload Identity defines for ServiceAccounts. */
export const CLIENT_ID = 'azure.workload.identity/client-id';
const TENANT_ID = 'azure.workload.identity/tenant-id';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** The id or a domain of a tenant. The names Entra has for "any tenant" are neither. */
export function isTenant(text: string): boolean {
  return isGuid(text) || DOMAIN.test(text);
}

/**
 * Reads the annotations, or says what is missing on them. Two client ids are refused, as External Secrets does; of two tenants
 * the store's holds.
 */
export function principalOf(
  serviceAccount: ServiceAccountFacts,
  auth: AuthSettings & { readonly method: 'workloadIdentity' },
  storeTenant: string | undefined,
): Principal | LatchkeyError {
  const { namespace, name, annotations } = serviceAccount;
  const who = `ServiceAccount ${namespace}/${name}`;
  const annotate = `kubectl annotate serviceaccount -n ${namespace} ${name} --overwrite`;
  const clientId = present(annotations[CLIENT_ID]);
  const tenantId = present(annotations[TENANT_ID]);

  if (auth.clientId !== undefined && clientId !== undefined) {
    return refused(
      `both the store's authSecretRef.clientId and the annotation ${CLIENT_ID} of ${who} name a client id`,
      'Remove one of them',
    );
  }
  if (auth.clientId === undefined && clientId === undefined) {
    return refused(
      `${who} has no identity in Azure: it lacks the annotation ${CLIENT_ID}`,
      `Give an application or a managed identity a federated credential for it, and name that one: ${annotate} ${CLIENT_ID}=CLIENT_ID`,
    );
  }
  if (clientId !== undefined && !isGuid(clientId)) {
    return refused(
      `the annotation ${CLIENT_ID} of ${who} is no client id`,
      `Correct it: ${annotate} ${CLIENT_ID}=CLIENT_ID`,
    );
  }
  if (storeTenant !== undefined || auth.tenantId !== undefined) return { clientId, tenantId: storeTenant };

  if (tenantId === undefined) {
    return refused(
      `neither the store nor ${who} names a tenant`,
      `Set spec.provider.azurekv.tenantId, or: ${annotate} ${TENANT_ID}=TENANT_ID`,
    );
  }
  if (!isTenant(tenantId)) {
    return refused(
      `the annotation ${TENANT_ID} of ${who} is no tenant id`,
      `Correct it: ${annotate} ${TENANT_ID}=TENANT_ID`,
    );
  }
  return { clientId, tenantId };
}

/** An empty annotation names nothing. */
function present(annotation: string | undefined): string | undefined {
  return annotation === '' ? undefined : annotation;
}

function refused(message: string, hint: string): LatchkeyError {
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint });
}
