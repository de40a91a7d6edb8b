import { LatchkeyError } from '../../errors.ts';
import type { HttpAnswer } from './http.ts';
import type { SecretPath } from './paths.ts';

/** Who asks which Vault: what messages name. Holds no secret. */
export interface Scene {
  readonly host: string;
  /** Empty: the root namespace. */
  readonly namespace: string;
  /** Who reads, such as `role "api"`. */
  readonly reader: string;
  /** Where the reader's token comes from: a login of ours, the store's own, or nowhere. */
  readonly token: 'login' | 'own' | 'none';
}

/** A try to log in. */
export interface LoginStep {
  readonly kind: 'login';
  readonly who: string;
  /** Such as `auth/kubernetes`. */
  readonly mount: string;
  /** Empty: the mount's default. */
  readonly role: string;
  readonly namespace: string;
  /** What to look at first when it is refused. */
  readonly check: string;
}

/** A request for one path: a value or its metadata, or the names below a folder. */
export interface PathStep {
  readonly kind: 'read' | 'list';
  readonly path: string;
  readonly secret: SecretPath;
  readonly version?: string | undefined;
}

export type Step = LoginStep | PathStep | { readonly kind: 'validate'; readonly namespace: string };

/** How messages name a namespace; nothing for the root. */
export function inNamespace(namespace: string): string {
  return namespace === '' ? '' : ` (namespace ${namespace})`;
}

/** An answer in no form of Vault's: a proxy, a web page, another service. */
export function notVault({ status }: Pick<HttpAnswer, 'status'>, { host }: Pick<Scene, 'host'>): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} answered ${status} in a form that is not Vault's`, {
    hint: 'Check that spec.provider.vault.server is the address of Vault, not of a proxy or a web page',
  });
}
