import type { Call } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';
import { readToken, type Session, type Way } from './entra.ts';
import { fromImdsAnswer } from './login-errors.ts';
import type { AzurekvSettings } from './settings.ts';

/** The identity of the node; only the operator lets stores come here. */
export async function askMetadataService(
  { identityId, imdsUrl }: AuthSettings & { readonly method: 'managedIdentity' },
  { cloud }: Pick<AzurekvSettings, 'cloud'>,
  { send, maxResponseBytes, now }: Way,
  { signal }: Call,
): Promise<Session> {
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: cloud.resource,
    ...(identityId !== undefined && { client_id: identityId }),
  });
  const askedAtMs = now();
  const url = `${imdsUrl}/metadata/identity/oauth2/token?${query.toString()}`;
  const answer = await send({ url, method: 'GET', headers: { Metadata: 'true' } }, { signal, maxResponseBytes });
  if (answer.status !== 200) throw fromImdsAnswer(answer, identityId);
  const who = `the managed identity ${identityId ?? 'of the node'}`;
  const source = 'spec.provider.azurekv.identityId';
  return { ...readToken(answer, askedAtMs), reader: { who, clientId: identityId, tenantId: undefined, source } };
}
