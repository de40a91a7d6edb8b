import { LatchkeyError } from '../errors.ts';
import { isMapping } from '../fields.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { apiPath, SERVICE_ACCOUNTS } from '../kube/paths.ts';
import { SecretValue } from '../secret-value.ts';
import type { Call, ServiceAccountFacts } from './store-identity.ts';

export interface TokenRequest {
  readonly serviceAccount: ServiceAccountFacts;
  readonly audience: string;
  readonly expirationSeconds: number;
}

export interface IssuedToken {
  readonly token: SecretValue;
  /** Of the answer, not of the request: the API server may shorten the lifetime. */
  readonly expiresAt: Date;
}

export type RequestToken = (request: TokenRequest, call: Call) => Promise<IssuedToken>;

/** TokenRequest against the API server: a token of one ServiceAccount for one audience. */
export function createRequestToken(kube: KubeClient): RequestToken {
  return async ({ serviceAccount, audience, expirationSeconds }, { signal }) => {
    const { namespace, name, uid } = serviceAccount;
    try {
      const answer = await kube.request({
        method: 'POST',
        path: apiPath(SERVICE_ACCOUNTS, { namespace, name, subresource: 'token' }),
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          // A precondition since TokenRequestServiceAccountUIDValidation; older API servers ignore it, see tokenBelongsTo.
          metadata: { uid },
          spec: { audiences: [audience], expirationSeconds },
        },
        signal,
      });
      return readAnswer(answer, serviceAccount);
    } catch (error) {
      throw error instanceof LatchkeyError ? error : fromKubeError(error, serviceAccount);
    }
  };
}

/** A ServiceAccount that was deleted and made again under its name is another identity. */
export function wrongServiceAccount({ namespace, name }: ServiceAccountFacts): LatchkeyError {
  return new LatchkeyError(
    'IDENTITY_REJECTED',
    `ServiceAccount ${namespace}/${name} was replaced by another of its name`,
    {
      hint: 'Create the Pod again',
    },
  );
}

function readAnswer(answer: unknown, { namespace, name }: ServiceAccountFacts): IssuedToken {
  const status = isMapping(answer) ? answer['status'] : undefined;
  const token = isMapping(status) ? status['token'] : undefined;
  const expiry = isMapping(status) ? status['expirationTimestamp'] : undefined;
  const expiresAt = new Date(typeof expiry === 'string' ? expiry : Number.NaN);
  if (typeof token !== 'string' || token === '' || Number.isNaN(expiresAt.getTime())) {
    throw new LatchkeyError(
      'CLUSTER_UNAVAILABLE',
      `the API server answered no token for ServiceAccount ${namespace}/${name}`,
    );
  }
  return { token: SecretValue.fromText(token), expiresAt };
}

function fromKubeError(error: unknown, serviceAccount: ServiceAccountFacts): LatchkeyError {
  const account = `ServiceAccount ${serviceAccount.namespace}/${serviceAccount.name}`;
  const status = error instanceof KubeError ? error.status : 0;
  switch (status) {
    case 404:
      return new LatchkeyError('SERVICE_ACCOUNT_NOT_FOUND', `${account} does not exist`, {
        hint: 'Create it, or correct the name',
        cause: error,
      });
    case 403:
      return new LatchkeyError('IDENTITY_REJECTED', `the API server gives Latchkey no token of ${account}`, {
        hint: "Check that the namespace is opted in and the audience is in Latchkey's token fence, and that Latchkey may create serviceaccounts/token",
        cause: error,
      });
    case 409:
      return wrongServiceAccount(serviceAccount);
    default:
      return new LatchkeyError('CLUSTER_UNAVAILABLE', `the API server could not issue a token of ${account}`, {
        hint: 'It is tried again with the next Pod',
        retryAfterMs: error instanceof KubeError ? error.retryAfterMs : undefined,
        cause: error,
      });
  }
}
