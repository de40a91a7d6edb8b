import { createHmac, randomUUID } from 'node:crypto';
import { isMapping } from '../../fields.ts';
import type { Clock } from '../clock.ts';
import { PODS } from '../paths.ts';
import type { ObjectStore } from './object-store.ts';
import { badRequest, conflict, invalid, notFound } from './refusals.ts';
import type { ServedResource } from './resource-table.ts';

export interface TokenIssuer {
  /** Answers a TokenRequest for `serviceaccounts/NAME/token`. */
  issue(place: { readonly namespace: string; readonly name: string }, body: unknown): object;
}

export interface TokenIssuerOptions {
  readonly store: ObjectStore;
  readonly serviceAccounts: ServedResource;
  readonly pods: ServedResource;
  readonly clock: Clock;
  /** Tokens are signed with HS256: real to look at, and good for nothing outside of this process. */
  readonly key: Uint8Array;
}

const ISSUER = 'https://kubernetes.default.svc';
const MIN_SECONDS = 600;

export function createTokenIssuer({ store, serviceAccounts, pods, clock, key }: TokenIssuerOptions): TokenIssuer {
  return {
    issue({ namespace, name }, body) {
      const account = store.get(serviceAccounts, namespace, name)?.object;
      if (account === undefined) throw notFound('serviceaccounts', name);
      if (!isMapping(body) || body['kind'] !== 'TokenRequest') throw badRequest('the body must be a TokenRequest');
      const spec = isMapping(body['spec']) ? body['spec'] : {};
      const { audiences = [], expirationSeconds = 3600 } = spec;
      if (!Array.isArray(audiences)) throw badRequest('spec.audiences must be a list');
      if (typeof expirationSeconds !== 'number' || expirationSeconds < MIN_SECONDS) {
        throw invalid('spec.expirationSeconds', 'may not specify a duration less than 10 minutes');
      }

      const now = Math.floor(clock.date().getTime() / 1000);
      const pod = spec['boundObjectRef'] === undefined ? {} : { pod: boundPod(namespace, spec['boundObjectRef']) };
      const claims = {
        aud: audiences.length === 0 ? [ISSUER] : audiences,
        exp: now + expirationSeconds,
        iat: now,
        nbf: now,
        iss: ISSUER,
        jti: randomUUID(),
        sub: `system:serviceaccount:${namespace}:${name}`,
        'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid }, ...pod },
      };
      const expirationTimestamp = `${new Date(claims.exp * 1000).toISOString().slice(0, 19)}Z`;
      return {
        ...body,
        metadata: { name, namespace },
        spec,
        status: { token: sign(claims, key), expirationTimestamp },
      };
    },
  };

  function boundPod(namespace: string, reference: unknown): object {
    const { kind, name, uid } = isMapping(reference) ? reference : {};
    if (kind !== 'Pod' || typeof name !== 'string') throw invalid('spec.boundObjectRef', 'must be a Pod here');
    const pod = store.get(pods, namespace, name)?.object;
    if (pod === undefined) throw notFound(PODS.plural, name);
    if (uid !== undefined && uid !== pod.metadata.uid)
      throw conflict('the UID in the bound object reference does not match');
    return { name, uid: pod.metadata.uid };
  }
}

function sign(claims: object, key: Uint8Array): string {
  const signed = `${base64Url({ alg: 'HS256', typ: 'JWT' })}.${base64Url(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

function base64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
