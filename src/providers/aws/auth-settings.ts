import type { Fields } from '../../fields.ts';
import { audienceProblem } from '../endpoints.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';

/** How the first credentials come about. */
export type AuthSettings =
  | {
      /** A token of a ServiceAccount, for the role in its annotation. */
      readonly method: 'webIdentity';
      /** Asked for where the ServiceAccount's own annotation names none. */
      readonly audience: string;
      /** Absent: the Pod's. */
      readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
    }
  | {
      readonly method: 'accessKey';
      readonly accessKeyId: SecretKeySelector;
      readonly secretAccessKey: SecretKeySelector;
      readonly sessionToken?: SecretKeySelector;
    };

/** Reads `auth`: `jwt` before `secretRef`, as External Secrets does; neither is the Pod's own ServiceAccount. */
export function readAuth(block: Fields, limits: ProviderLimits): AuthSettings {
  const auth = block.object('auth');
  const jwt = auth?.object('jwt');
  const secretRef = auth?.object('secretRef');
  const accessKey = secretRef && readAccessKey(secretRef); // its mistakes are worth naming also where jwt wins
  if (jwt === undefined && accessKey !== undefined) return accessKey;

  const serviceAccountRef = jwt?.object('serviceAccountRef');
  if (jwt !== undefined && serviceAccountRef === undefined) jwt.problem('serviceAccountRef', 'is required');
  const audience = readAudience(auth ?? block, serviceAccountRef, limits);
  if (serviceAccountRef === undefined) return { method: 'webIdentity', audience };
  const namespace = serviceAccountRef.optionalText('namespace');
  const name = serviceAccountRef.text('name', { example: 'api' });
  return {
    method: 'webIdentity',
    audience,
    serviceAccount: namespace === undefined ? { name } : { name, namespace },
  };
}

function readAudience(block: Fields, serviceAccountRef: Fields | undefined, limits: ProviderLimits): string {
  const asked = serviceAccountRef?.texts('audiences') ?? [];
  for (const audience of asked) {
    const problem = audienceProblem('aws', audience, limits.audiences);
    if (problem !== undefined) serviceAccountRef?.problem('audiences', problem);
  }
  const audience = asked[0] ?? limits.audiences[0];
  if (audience === undefined) {
    block.problem('', "needs an audience, and the operator's list identity.audiences.aws is empty");
  }
  return audience ?? '';
}

function readAccessKey(secretRef: Fields): AuthSettings {
  const sessionToken = secretRef.object('sessionTokenSecretRef');
  return {
    method: 'accessKey',
    accessKeyId: readSelector(secretRef, 'accessKeyIDSecretRef'),
    secretAccessKey: readSelector(secretRef, 'secretAccessKeySecretRef'),
    ...(sessionToken !== undefined && { sessionToken: readSelector(secretRef, 'sessionTokenSecretRef') }),
  };
}

function readSelector(secretRef: Fields, field: string): SecretKeySelector {
  const fields = secretRef.object(field);
  if (fields === undefined) {
    secretRef.problem(field, 'is required');
    return { kind: 'Secret', name: '', key: '' };
  }
  const namespace = fields.optionalText('namespace');
  return {
    kind: 'Secret',
    ...(namespace !== undefined && { namespace }),
    name: fields.text('name', { example: 'aws-credentials' }),
    key: fields.text('key', { example: 'secret-access-key' }),
  };
}
