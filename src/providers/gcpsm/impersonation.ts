import { LatchkeyError } from '../../errors.ts';
import type { ServiceAccountFacts } from '../provider.ts';

/** The Google service account that a ServiceAccount acts as, and through which others. */
export interface Impersonation {
  readonly email: string;
  readonly delegates: readonly string[];
}

const EMAIL = /^[a-z0-9][a-z0-9-]*@[a-z0-9.-]+\.gserviceaccount\.com$/;
const ANNOTATION = 'iam.gke.io/gcp-service-account';
const DELEGATES = 'iam.gke.io/gcp-service-account-delegates';

export function isServiceAccountEmail(text: string): boolean {
  return EMAIL.test(text);
}

/**
 * What the store names, else what GKE's annotation on the ServiceAccount names; undefined where neither does, and the
 * ServiceAccount itself is what Google's policies name. Throws IDENTITY_REJECTED for annotations that name nothing.
 */
export function impersonationOf(
  email: string | undefined,
  serviceAccount: ServiceAccountFacts,
): Impersonation | undefined {
  if (email !== undefined) return { email, delegates: [] };
  const annotated = serviceAccount.annotations[ANNOTATION];
  if (annotated === undefined || annotated === '') return undefined;
  if (!isServiceAccountEmail(annotated)) {
    throw useless(ANNOTATION, serviceAccount, 'the e-mail address of a Google service account');
  }
  return { email: annotated, delegates: readDelegates(serviceAccount) };
}

function readDelegates(serviceAccount: ServiceAccountFacts): readonly string[] {
  const text = serviceAccount.annotations[DELEGATES];
  const delegates = text === undefined ? [] : parseList(text);
  if (delegates?.every(isServiceAccountEmail)) return delegates;
  throw useless(DELEGATES, serviceAccount, 'a JSON list of e-mail addresses of Google service accounts');
}

function parseList(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

function useless(annotation: string, { namespace, name }: ServiceAccountFacts, form: string): LatchkeyError {
  const message = `the annotation ${annotation} of ServiceAccount ${namespace}/${name} is not ${form}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint: 'Correct the annotation, or remove it' });
}
